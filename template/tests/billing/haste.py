"""Nobody waits for a test: what a relay and a worker of these tests do sooner than others."""

from core.outbox import Task, relay


def hasten() -> None:
    """Look for dropped work often, and try again soon; with longer waits after each attempt."""
    relay.DROPPED_AFTER, relay.SWEEP = 1, 0.5
    Task.delay_after = classmethod(  # type: ignore[method-assign, assignment]
        lambda cls, attempt: min(0.1 * 2**attempt, 2.0)
    )
