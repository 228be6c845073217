"""What became of what a team's endpoints were told; and to have them told once more.

Every function is told the team, and raises 404 for what is another's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.outbox.write import Execute, enqueue
from core.outgoing.emit import event_row
from core.outgoing.endpoints import get_endpoint
from core.outgoing.events import EVENTS, TestEvent
from core.outgoing.tasks import Deliver
from core.problems import Problem, invalid, not_found

PENDING, DELIVERED, FAILED = STATUSES = ("pending", "delivered", "failed")

COLUMNS = """
    delivery.id, delivery.team_id, delivery.endpoint_id, event.public_id, event.type,
    delivery.status, delivery.attempts, delivery.created_at, delivery.next_attempt_at,
    delivery.ended_at, last.response_status, coalesce(last.error, '')
"""
TABLES = """
    outgoing_delivery AS delivery
    JOIN outgoing_event AS event ON event.id = delivery.event_id
    LEFT JOIN LATERAL (
        SELECT response_status, error FROM outgoing_attempt WHERE delivery_id = delivery.id
        ORDER BY id DESC LIMIT 1
    ) AS last ON true
"""
LIST = f"""
    SELECT {COLUMNS} FROM {TABLES}
    WHERE delivery.team_id = %(team_id)s
      AND (%(endpoint_id)s::bigint IS NULL OR delivery.endpoint_id = %(endpoint_id)s)
      AND (%(event_type)s::text IS NULL OR event.type = %(event_type)s)
      AND (%(status)s::text IS NULL OR delivery.status = %(status)s)
      AND (%(before)s::bigint IS NULL OR delivery.id < %(before)s)
    ORDER BY delivery.id DESC LIMIT %(limit)s
"""  # noqa: S608  names of ours
GET = f"""
    SELECT {COLUMNS}, event.payload::text FROM {TABLES}
    WHERE delivery.id = %(id)s AND delivery.team_id = %(team_id)s
"""  # noqa: S608  names of ours
ATTEMPTS = """
    SELECT attempt.id, attempt.started_at, attempt.duration_ms, attempt.request_headers::text,
           attempt.response_status, attempt.response_headers::text, attempt.response_body,
           attempt.error
    FROM outgoing_attempt AS attempt
    JOIN outgoing_delivery AS delivery ON delivery.id = attempt.delivery_id
    WHERE delivery.id = %(id)s AND delivery.team_id = %(team_id)s
    ORDER BY attempt.id
"""
# Whoever is at it now is as good as a new attempt.
AGAIN = """
    UPDATE outgoing_delivery
    SET status = 'pending', attempts = 0, asked_at = now(), next_attempt_at = now(),
        ended_at = NULL
    WHERE id = %(id)s AND team_id = %(team_id)s
"""
TEST = """
    WITH event AS (
        INSERT INTO outgoing_event (team_id, public_id, type, payload, created_at)
        VALUES (%(team_id)s, %(public_id)s, %(type)s, %(event_payload)s::jsonb, now())
        RETURNING id
    )
    INSERT INTO outgoing_delivery
        (endpoint_id, event_id, team_id, status, attempts, created_at, asked_at, next_attempt_at)
    SELECT %(endpoint_id)s, event.id, %(team_id)s, 'pending', 0, now(), now(), now() FROM event
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to an endpoint.

    Parameters
    ----------
    message_id
        The `webhook-id` that the receiver sees, the same in every attempt.
    attempts
        How often it was tried since it was last asked for.
    next_attempt_at
        When it is tried next; None when it ended.
    response_status, error
        What the last attempt was answered, and why it failed, if it did.
    """

    id: int
    team_id: int
    endpoint_id: int
    message_id: str
    type: str
    status: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None
    response_status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: what was sent, and what came back or why nothing did."""

    id: int
    started_at: datetime
    duration_ms: int
    request_headers: Mapping[str, str]
    response_status: int | None
    response_headers: Mapping[str, str]
    response_body: str
    error: str


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """A delivery with what is sent and all attempts, the oldest first."""

    delivery: Delivery
    payload: Mapping[str, Any]
    attempts: tuple[Attempt, ...]


def list_deliveries(
    execute: Execute,
    team_id: int,
    *,
    endpoint_id: int | None = None,
    event_type: str | None = None,
    status: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Those of a team, the newest first, whose id is before this one.

    To one endpoint, of one type and in one state alone, if these are given.
    """
    if endpoint_id is not None:
        get_endpoint(execute, team_id, endpoint_id)
    parameters = {
        "team_id": team_id,
        "endpoint_id": endpoint_id,
        "event_type": event_type,
        "status": status,
        "before": before,
        "limit": limit,
    }
    return [Delivery(*row) for row in execute(LIST, parameters)]


def get_delivery(execute: Execute, team_id: int, delivery_id: int) -> DeliveryLog:
    """One of a team, with its log."""
    which = {"id": delivery_id, "team_id": team_id}
    row = one(execute(GET, which))
    attempts = tuple(attempt_of(each) for each in execute(ATTEMPTS, which))
    return DeliveryLog(Delivery(*row[:-1]), json.loads(row[-1]), attempts)


def redeliver(execute: Execute, team_id: int, delivery_id: int) -> Delivery:
    """Deliver it once more, now, under the same id; if that fails, with all attempts anew.

    Raises 409 while the endpoint is switched off.
    """
    which = {"id": delivery_id, "team_id": team_id}
    delivery = Delivery(*one(execute(GET, which))[:-1])
    require_enabled(execute, team_id, delivery.endpoint_id)
    execute(AGAIN, which)
    enqueue(execute, Deliver(delivery=delivery_id), team_id=team_id)
    return Delivery(*one(execute(GET, which))[:-1])


def send_test(
    execute: Execute, team_id: int, endpoint_id: int, event_type: str = TestEvent.type
) -> Delivery:
    """Send an example of an event to one endpoint, marked as a test, whatever types it chose.

    Raises 409 while the endpoint is switched off, and 422 for a type that is none.
    """
    require_enabled(execute, team_id, endpoint_id)
    if event_type not in EVENTS:
        raise invalid([("#/event_type", f"There is no type {event_type!r}.")])
    parameters = event_row(team_id, event_type, EVENTS[event_type].example(), is_test=True)
    ((delivery_id,),) = execute(TEST, {**parameters, "endpoint_id": endpoint_id})
    enqueue(execute, Deliver(delivery=delivery_id), team_id=team_id)
    return Delivery(*one(execute(GET, {"id": delivery_id, "team_id": team_id}))[:-1])


def require_enabled(execute: Execute, team_id: int, endpoint_id: int) -> None:
    """Raises 409 if the endpoint is switched off, and 404 if it is not the team's."""
    if get_endpoint(execute, team_id, endpoint_id).disabled_at is not None:
        raise Problem(
            409,
            "endpoint-disabled",
            "The endpoint is switched off",
            "Nothing is sent to an endpoint that is switched off. Switch it on first.",
        )


def attempt_of(row: Sequence[Any]) -> Attempt:
    """The attempt of a row of `ATTEMPTS`."""
    number, started_at, duration, request, status, response, body, error = row
    return Attempt(
        number, started_at, duration, json.loads(request), status, json.loads(response), body, error
    )


def one(rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """The only row; raises 404 if there is none."""
    if not rows:
        raise not_found("delivery")
    return rows[0]
