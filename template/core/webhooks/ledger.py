"""The ledger of events: one row for each, however often it is delivered."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.logs import current_request_id
from core.webhooks.body import Body, Refused, storable
from core.webhooks.tasks import HandleEvent

MOST_BYTES = 1_000_000

# One statement, so one round trip: the event, and the task that handles it. An event that is there
# already adds nothing.
RECORD = """
    WITH event AS (
        INSERT INTO webhooks_event
            (source, event_id, type, object_id, customer, payload, created_at, received_at,
             attempts, error)
        VALUES
            (%(source)s, %(event_id)s, %(type)s, %(object_id)s, %(customer)s,
             %(event_payload)s::jsonb, %(created_at)s, now(), 0, '')
        ON CONFLICT (source, event_id) DO NOTHING
        RETURNING id
    ), message AS (
        INSERT INTO outbox_message
            (task, payload, key, request_id, team_id, schedule, attempts, created_at, available_at)
        SELECT %(task)s, jsonb_build_object('event', event.id), NULL, %(request_id)s, NULL, '', 0,
               now(), now()
        FROM event
        RETURNING id
    )
    SELECT id, pg_notify('outbox', '') FROM message
"""
FIND = """
    SELECT id, source, event_id, type, payload::text FROM webhooks_event WHERE id = %(event)s
"""
HANDLED = """
    UPDATE webhooks_event SET processed_at = now(), attempts = attempts + 1, error = ''
    WHERE id = %(event)s
"""
# Events that were stored and not handled, and whose task is gone: it failed for good, or somebody
# put it away. Each round of attempts is one more chance, until it is for people to look.
LOST = """
    SELECT event.id FROM webhooks_event AS event
    WHERE event.processed_at IS NULL AND event.received_at < %(before)s
      AND event.attempts < %(most_attempts)s
      AND NOT EXISTS (
          SELECT FROM outbox_message AS message
          WHERE message.task = %(task)s AND message.done_at IS NULL
            AND message.payload ->> 'event' = event.id::text
      )
    ORDER BY event.id LIMIT 1000
"""
# They are tried again, so nobody else need to.
PUT_LETTERS_AWAY = """
    UPDATE outbox_deadletter SET replayed_at = now()
    WHERE task = %(task)s AND replayed_at IS NULL AND payload ->> 'event' = ANY(%(events)s::text[])
"""
# The oldest of what was handled, so many of them at a time: what is to be looked at is bounded,
# however large the ledger is. Who is at one of them is not waited for.
PURGE = """
    WITH oldest AS (
        SELECT id, received_at FROM webhooks_event
        WHERE processed_at IS NOT NULL ORDER BY id LIMIT %(most)s
    ), spent AS (
        SELECT event.id FROM webhooks_event AS event JOIN oldest USING (id)
        WHERE oldest.received_at < %(before)s
        FOR UPDATE OF event SKIP LOCKED
    )
    DELETE FROM webhooks_event WHERE id IN (SELECT id FROM spent) RETURNING id
"""
LONGEST = 255  # of the columns for names


@dataclass(frozen=True, slots=True)
class Stored:
    """An event of the ledger; `payload` is its body, as it came."""

    id: int
    source: str
    event_id: str
    type: str
    payload: str

    @property
    def data(self) -> Any:
        """What the body says."""
        return json.loads(self.payload)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A verified event.

    Parameters
    ----------
    source
        Who sent it, as in the address: "shop".
    event_id
        What the source calls it; the same for every delivery of it.
    object_id, customer
        What it is about, and whose that is, for people who search; empty if it does not say.
    body
        The body, verified, as `read_body` reads it.
    created_at
        When it happened, as the source says.
    """

    source: str
    event_id: str
    type: str
    body: Body
    created_at: datetime
    object_id: str = ""
    customer: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be told apart from others. Raises `Refused`."""
        if not 0 < len(self.event_id) <= LONGEST:
            raise Refused(f"the id of an event has 1 to {LONGEST} characters")

    @property
    def parameters(self) -> dict[str, Any]:
        """What `RECORD` is executed with."""
        return {
            "source": self.source,
            "event_id": storable(self.event_id),
            "type": storable(self.type)[:LONGEST],
            "object_id": storable(self.object_id)[:LONGEST],
            "customer": storable(self.customer)[:LONGEST],
            "event_payload": self.body.text,
            "created_at": self.created_at,
            "task": HandleEvent.name,
            "request_id": current_request_id() or "",
        }
