"""What people and programs do with the webhooks of a team, noted in the audit log.

The API of each stack and the pages call these; whoever calls belongs to the team and may do it.
"""

from typing import Any

from core.api.pages import decode_cursor, page_of
from core.api.schemas import Page, PageQuery
from core.audit import AuditAction
from core.outbox.write import Execute
from core.outgoing import deliveries, endpoints
from core.outgoing.catalogue import Event
from core.outgoing.endpoints import Endpoint
from core.outgoing.events import EVENTS
from core.outgoing.noting import host_of, record
from core.outgoing.schemas import (
    EXAMPLE_TIME,
    Attempt,
    Delivery,
    DeliveryDetails,
    DeliveryQuery,
    EventType,
    EventTypeList,
    MadeWebhook,
    NewWebhook,
    Webhook,
    WebhookChange,
)
from core.problems import not_found
from core.teams.rules import conflict


def event_types() -> EventTypeList:
    """All that can be told."""
    return EventTypeList(items=[type_of(event) for event in EVENTS.values()])


def type_of(event: type[Event]) -> EventType:
    """A type of event, with a body as it may come."""
    return EventType(
        name=event.type,
        description=event.description,
        data_schema=event.json_schema(),
        example={"type": event.type, "timestamp": EXAMPLE_TIME, "data": event.example()},
    )


def list_webhooks(execute: Execute, team_id: int, query: PageQuery) -> Page[Webhook]:
    """Those of the team, the newest first; there are few."""
    after = decode_cursor(query.cursor)
    newest = reversed(endpoints.list_endpoints(execute, team_id))
    rows = [each for each in newest if after is None or each.id < after]
    return page_of(rows, query.limit, webhook_of, lambda endpoint: endpoint.id)


def get_webhook(execute: Execute, team_id: int, webhook_id: int) -> Webhook:
    """One of the team; raises 404."""
    return webhook_of(endpoints.get_endpoint(execute, team_id, webhook_id))


def lock_webhook(execute: Execute, team_id: int, webhook_id: int) -> Webhook:
    """The same, changed by no other person until the transaction ends."""
    lock_team(execute, team_id)
    return get_webhook(execute, team_id, webhook_id)


def create_webhook(execute: Execute, team_id: int, wanted: NewWebhook) -> MadeWebhook:
    """Make one. Raises 422 for an address or a type that cannot be, 409 for one too many."""
    refuse_second(execute, team_id, wanted.url)
    made, secret = endpoints.create_endpoint(execute, team_id, **wanted.model_dump())
    note(execute, AuditAction.WEBHOOK_CREATED, made, event_types=list(made.event_types))
    return made_webhook(made, secret)


def update_webhook(
    execute: Execute, team_id: int, webhook_id: int, change: WebhookChange
) -> Webhook:
    """Change it; raises 404, and what `create_webhook` raises."""
    if change.url is not None:
        refuse_second(execute, team_id, change.url, than=webhook_id)
    former = endpoints.get_endpoint(execute, team_id, webhook_id)
    new = endpoints.update_endpoint(
        execute, team_id, webhook_id, **change.model_dump(exclude_none=True)
    )
    if changed := changes(former, new):
        note(execute, AuditAction.WEBHOOK_CHANGED, new, **changed)
    return webhook_of(new)


def delete_webhook(execute: Execute, team_id: int, webhook_id: int) -> None:
    """Delete it with all that is known of its deliveries; raises 404."""
    lock_team(execute, team_id)
    gone = endpoints.get_endpoint(execute, team_id, webhook_id)
    endpoints.delete_endpoint(execute, team_id, webhook_id)
    note(execute, AuditAction.WEBHOOK_DELETED, gone)


def enable_webhook(execute: Execute, team_id: int, webhook_id: int) -> Webhook:
    """Switch it on; raises 404. Once more changes nothing."""
    known = lock_webhook(execute, team_id, webhook_id)
    if known.disabled_at is None:
        return known
    enabled = endpoints.enable_endpoint(execute, team_id, webhook_id)
    note(execute, AuditAction.WEBHOOK_ENABLED, enabled)
    return webhook_of(enabled)


def disable_webhook(
    execute: Execute, team_id: int, webhook_id: int, reason: str = endpoints.SWITCHED_OFF
) -> Webhook:
    """Switch it off; raises 404. Once more changes nothing."""
    known = lock_webhook(execute, team_id, webhook_id)
    if known.disabled_at is not None:
        return known
    disabled = endpoints.disable_endpoint(execute, team_id, webhook_id, reason)
    note(execute, AuditAction.WEBHOOK_DISABLED, disabled)
    return webhook_of(disabled)


def rotate_secret(execute: Execute, team_id: int, webhook_id: int) -> MadeWebhook:
    """Give it a new secret; raises 404."""
    lock_team(execute, team_id)
    rotated, secret = endpoints.rotate_secret(execute, team_id, webhook_id)
    note(execute, AuditAction.WEBHOOK_SECRET_ROTATED, rotated)
    return made_webhook(rotated, secret)


def send_test(execute: Execute, team_id: int, webhook_id: int, event_type: str) -> Delivery:
    """Send an example of an event to this webhook, whatever types it chose.

    Raises 404, 409 while the webhook is switched off, and 422 for a type that is none.
    """
    return delivery_of(deliveries.send_test(execute, team_id, webhook_id, event_type))


def list_deliveries(execute: Execute, team_id: int, query: DeliveryQuery) -> Page[Delivery]:
    """Those of the team; raises 404 for the webhook of another."""
    rows = deliveries.list_deliveries(
        execute,
        team_id,
        endpoint_id=query.webhook_id,
        event_type=query.event_type,
        status=query.status,
        before=decode_cursor(query.cursor),
        limit=query.limit + 1,
    )
    return page_of(rows, query.limit, delivery_of, lambda delivery: delivery.id)


def get_delivery(execute: Execute, team_id: int, delivery_id: int) -> DeliveryDetails:
    """All that was sent and answered; raises 404."""
    log = deliveries.get_delivery(execute, team_id, delivery_id)
    attempts = [Attempt.model_validate(each) for each in reversed(log.attempts)]
    return DeliveryDetails.model_validate(
        {**told_of(log.delivery), "payload": log.payload, "attempts": attempts}
    )


def redeliver(execute: Execute, team_id: int, delivery_id: int) -> Delivery:
    """Send it again; raises 404, and 409 while its webhook is switched off."""
    return delivery_of(deliveries.redeliver(execute, team_id, delivery_id))


def lock_team(execute: Execute, team_id: int) -> None:
    """Let nobody else change the team or its webhooks until the transaction ends."""
    if not execute(endpoints.LOCK_TEAM, {"team_id": team_id}):
        raise not_found("team")


def refuse_second(execute: Execute, team_id: int, url: str, *, than: int | None = None) -> None:
    """Raises 409 if another webhook of the team has this address; each event would come twice."""
    lock_team(execute, team_id)
    wanted = endpoints.checked_url(url)
    for each in endpoints.list_endpoints(execute, team_id):
        if each.url == wanted and each.id != than:
            raise conflict(
                "duplicate-webhook",
                "There is such a webhook",
                "Another webhook of this team has this address. Change that one instead.",
            )


def changes(former: Endpoint, new: Endpoint) -> dict[str, Any]:
    """What is different, for the audit log; of an address the host alone, for it may hold secrets.

    What it is for is in no entry: people write there what they like.
    """
    found: dict[str, Any] = {}
    if former.url != new.url:
        found["former_host"] = host_of(former.url)
    if former.event_types != new.event_types:
        found["former_types"] = list(former.event_types)
        found["new_types"] = list(new.event_types)
    if former.description != new.description:
        found["description"] = True
    return found


def note(execute: Execute, action: AuditAction, endpoint: Endpoint, **details: Any) -> None:
    """Write down what is done with a webhook."""
    record(execute, action, endpoint.team_id, endpoint.id, endpoint.url, **details)


def fields(endpoint: Endpoint) -> dict[str, Any]:
    """What the API shows of a webhook."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": list(endpoint.event_types),
        "disabled_at": endpoint.disabled_at,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": endpoint.failing_since,
        "former_secret_until": endpoint.former_until,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }


def webhook_of(endpoint: Endpoint) -> Webhook:
    """A webhook as the API shows it."""
    return Webhook.model_validate(fields(endpoint))


def made_webhook(endpoint: Endpoint, secret: str) -> MadeWebhook:
    """A webhook whose secret is known only now."""
    return MadeWebhook.model_validate({**fields(endpoint), "secret": secret})


def told_of(delivery: deliveries.Delivery) -> dict[str, Any]:
    """What the API shows of a delivery."""
    return {
        "id": delivery.id,
        "webhook_id": delivery.endpoint_id,
        "event_id": delivery.message_id,
        "event_type": delivery.type,
        "status": delivery.status,
        "attempt_count": delivery.attempts,
        "response_status": delivery.response_status,
        "error": delivery.error,
        "created_at": delivery.created_at,
        "next_attempt_at": delivery.next_attempt_at,
        "ended_at": delivery.ended_at,
    }


def delivery_of(delivery: deliveries.Delivery) -> Delivery:
    """A delivery as the API shows it."""
    return Delivery.model_validate(told_of(delivery))
