"""The row of the outbox that the present task is, for what has to be the same in each attempt."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_message_id: ContextVar[int | None] = ContextVar("message_id", default=None)


def current_message_id() -> int | None:
    """The row's id, the same in each attempt; None outside a task."""
    return _message_id.get()


@contextmanager
def at_work_on(message_id: int) -> Iterator[None]:
    """Work on this row."""
    token = _message_id.set(message_id)
    try:
        yield
    finally:
        _message_id.reset(token)
