"""What a source of webhooks is: how to tell that it was them, and what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.outbox.write import Execute
from core.webhooks.ledger import Incoming, Stored


@dataclass(frozen=True)
class Source:
    """Somebody who sends webhooks to `/webhooks/<name>`.

    `verify` is given the raw body and the headers; it answers the event, or None for one that is of
    no interest, and raises `Refused`. `handle` does, in the task's transaction, what a stored event
    asks for; it may be asked again for the same.
    """

    name: str
    verify: Callable[[bytes, Mapping[str, str]], Incoming | None]
    handle: Callable[[Execute, Stored], None]
