"""Tell customers of something, in the transaction in which it happens."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from core.logs import current_request_id
from core.outbox.write import Execute
from core.outgoing.catalogue import Event
from core.outgoing.tasks import Deliver

# One statement, so one round trip: the event, a delivery for each endpoint that wants it, and the
# tasks that deliver. Where nobody wants it nothing is written. Who deletes an endpoint waits: what
# happens in the team must not fail because nobody listens any more.
EMIT = """
    WITH wanted AS (
        SELECT id FROM outgoing_endpoint
        WHERE team_id = %(team_id)s AND disabled_at IS NULL
          AND (event_types = '{}' OR %(type)s = ANY(event_types))
        FOR KEY SHARE
    ), event AS (
        INSERT INTO outgoing_event (team_id, public_id, type, payload, created_at)
        SELECT %(team_id)s, %(public_id)s, %(type)s, %(event_payload)s::jsonb, now()
        WHERE EXISTS (SELECT FROM wanted)
        RETURNING id
    ), delivery AS (
        INSERT INTO outgoing_delivery
            (endpoint_id, event_id, team_id, status, attempts, created_at, asked_at,
             next_attempt_at)
        SELECT wanted.id, event.id, %(team_id)s, 'pending', 0, now(), now(), now()
        FROM wanted, event
        RETURNING id
    ), message AS (
        INSERT INTO outbox_message
            (task, payload, key, request_id, team_id, schedule, attempts, created_at, available_at)
        SELECT %(task)s, jsonb_build_object('delivery', delivery.id), NULL, %(request_id)s,
               %(team_id)s, '', 0, now(), now()
        FROM delivery
        RETURNING id
    )
    SELECT id, pg_notify('outbox', '') FROM message
"""


def emit(execute: Execute, team_id: int, event: Event) -> int:
    """Have the team's endpoints told of an event, once the transaction of `execute` commits.

    Answers how many endpoints want it.
    """
    return len(execute(EMIT, emit_parameters(team_id, event)))


def emit_parameters(team_id: int, event: Event) -> dict[str, Any]:
    """What `EMIT` is executed with, for who has another way to the database."""
    return {
        **event_row(team_id, event.type, event.model_dump(mode="json")),
        "task": Deliver.name,
        "request_id": current_request_id() or "",
    }


def event_row(
    team_id: int, event_type: str, data: dict[str, Any], *, is_test: bool = False
) -> dict[str, Any]:
    """The row of an event. Its payload is what is sent, but for the space between its words."""
    body = document(event_type, data)
    if is_test:
        # In the body, which is signed: an example must not pass for what happened.
        body["test"] = True
    return {
        "team_id": team_id,
        "public_id": f"msg_{secrets.token_hex(16)}",
        "type": event_type,
        "event_payload": json.dumps(body, ensure_ascii=False),
    }


def document(event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """The body of a webhook, as Standard Webhooks recommends it."""
    return {"type": event_type, "timestamp": datetime.now(UTC).isoformat(), "data": data}
