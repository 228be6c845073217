"""What the worker does with the ledger, in either framework."""

from datetime import datetime, timedelta

from core.outbox import GiveUp
from core.outbox.write import Execute, enqueue
from core.sources import SOURCES
from core.webhooks.ledger import FIND, HANDLED, LOST, PURGE, PUT_LETTERS_AWAY, Stored
from core.webhooks.tasks import HandleEvent

# A task that was not done by now is not on its way any more.
LOST_AFTER = timedelta(minutes=10)
MOST_ATTEMPTS = 40
# Longer than any source sends an event again. They hold addresses of people, and are many.
KEPT = timedelta(days=90)
MOST_PURGED = 5000  # in one run


def handle_event(execute: Execute, event_id: int) -> None:
    """Do what an event of the ledger asks for, and note that it was done.

    Raises `GiveUp` if its source is none of ours any more.
    """
    rows = execute(FIND, {"event": event_id})
    if not rows:
        return
    event = Stored(*rows[0])
    source = SOURCES.get(event.source)
    if source is None:
        raise GiveUp(f"there is no source {event.source!r}")
    source.handle(execute, event)
    execute(HANDLED, {"event": event_id})


def ask_again(execute: Execute, event_id: int) -> None:
    """Have an event handled once more, as when staff ask for it."""
    enqueue(execute, HandleEvent(event=event_id))


def sweep(execute: Execute, now: datetime) -> None:
    """Find what fell through, and forget what was handled long ago."""
    find_lost(execute, now)
    purge(execute, now)


def find_lost(execute: Execute, now: datetime) -> int:
    """Ask again for events that nobody handled and nobody is going to; answers how many."""
    rows = execute(
        LOST,
        {
            "before": now - LOST_AFTER,
            "most_attempts": MOST_ATTEMPTS,
            "task": HandleEvent.name,
        },
    )
    for (event_id,) in rows:
        ask_again(execute, event_id)
    if rows:
        events = [str(event_id) for (event_id,) in rows]
        execute(PUT_LETTERS_AWAY, {"task": HandleEvent.name, "events": events})
    return len(rows)


def purge(execute: Execute, now: datetime, most: int = MOST_PURGED) -> int:
    """Forget events that were handled long ago; answers how many.

    What nobody could handle stays, for people to look at.
    """
    return len(execute(PURGE, {"before": now - KEPT, "most": most}))
