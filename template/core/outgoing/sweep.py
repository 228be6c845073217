"""What is done now and then: ask again for what fell through, and forget what is old.

What falls through again and again, for its task always fails, is given up in the end.
"""

from datetime import UTC, datetime, timedelta

from core.outbox.write import Execute, enqueue
from core.outgoing.deliver import GIVE_UP_AFTER, give_up
from core.outgoing.tasks import Deliver

# A task that did not come by now is not on its way any more.
LOST_AFTER = timedelta(minutes=10)
KEPT = timedelta(days=30)
MOST = 5000  # in one run

# Deliveries whose task failed for good, or that somebody put away.
LOST = """
    SELECT delivery.id, delivery.team_id, delivery.asked_at FROM outgoing_delivery AS delivery
    WHERE delivery.status = 'pending' AND delivery.next_attempt_at < %(before)s
      AND NOT EXISTS (
          SELECT FROM outbox_message AS message
          WHERE message.task = %(task)s AND message.done_at IS NULL
            AND message.payload ->> 'delivery' = delivery.id::text
      )
    ORDER BY delivery.id LIMIT %(most)s
"""
# The oldest, so that what is to be looked at is bounded, however much is kept.
OLD = """
    WITH oldest AS (
        SELECT id, created_at FROM outgoing_event ORDER BY id LIMIT %(most)s
    )
    SELECT oldest.id FROM oldest
    WHERE oldest.created_at < %(before)s
      AND NOT EXISTS (
          SELECT FROM outgoing_delivery
          WHERE event_id = oldest.id AND status = 'pending'
      )
"""
# What refers to a row goes before it.
FORGET = (
    """
    DELETE FROM outgoing_attempt WHERE delivery_id IN (
        SELECT id FROM outgoing_delivery WHERE event_id = ANY(%(events)s)
    )
    """,
    "DELETE FROM outgoing_delivery WHERE event_id = ANY(%(events)s)",
    "DELETE FROM outgoing_event WHERE id = ANY(%(events)s)",
)


def sweep(execute: Execute) -> None:
    """Ask again for what fell through, and forget what is old."""
    now = datetime.now(UTC)
    find_lost(execute, now)
    forget(execute, now)


def find_lost(execute: Execute, now: datetime) -> int:
    """Ask again for deliveries that nobody is going to try, or end them; answers how many."""
    parameters = {"before": now - LOST_AFTER, "task": Deliver.name, "most": MOST}
    rows = execute(LOST, parameters)
    for delivery, team_id, asked_at in rows:
        if asked_at <= now - GIVE_UP_AFTER:
            give_up(execute, delivery, now)
        else:
            enqueue(execute, Deliver(delivery=delivery), team_id=team_id)
    return len(rows)


def forget(execute: Execute, now: datetime, most: int = MOST) -> int:
    """Forget events with all that is known of their deliveries, a month after; answers how many."""
    events = [row[0] for row in execute(OLD, {"before": now - KEPT, "most": most})]
    if events:
        for statement in FORGET:
            execute(statement, {"events": events})
    return len(events)
