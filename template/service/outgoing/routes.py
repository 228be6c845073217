"""The operations of outgoing webhooks in the API."""

from typing import Annotated

from fastapi import Query

from core.api.schemas import Id, Page
from core.outgoing import desk
from core.outgoing.schemas import (
    Delivery,
    DeliveryDetails,
    DeliveryQuery,
    EventTypeList,
    MadeWebhook,
    NewWebhook,
    WantedTest,
    Webhook,
    WebhookChange,
)
from service.api.lists import PageOf
from service.api.routes import IfMatch, Routes, check_version
from service.db import CurrentSession
from service.execute import in_session
from service.teams.dependencies import CurrentTeam

router = Routes()


@router.operation
async def list_event_types() -> EventTypeList:
    """As they are declared."""
    return desk.event_types()


@router.operation
async def list_webhooks(query: PageOf, team: CurrentTeam, session: CurrentSession) -> Page[Webhook]:
    """Those of the team."""
    return await in_session(session, desk.list_webhooks, team.id, query)


@router.operation
async def create_webhook(
    body: NewWebhook, team: CurrentTeam, session: CurrentSession
) -> MadeWebhook:
    """The secret is in this answer alone."""
    return await in_session(session, desk.create_webhook, team.id, body)


@router.operation
async def get_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> Webhook:
    """As it is now."""
    return await in_session(session, desk.get_webhook, team.id, webhook_id)


@router.operation
async def update_webhook(
    webhook_id: Id,
    body: WebhookChange,
    version: IfMatch,
    team: CurrentTeam,
    session: CurrentSession,
) -> Webhook:
    """Changed, unless somebody else was faster."""
    check_version(version, await in_session(session, desk.lock_webhook, team.id, webhook_id))
    return await in_session(session, desk.update_webhook, team.id, webhook_id, body)


@router.operation
async def delete_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> None:
    """Gone, with its deliveries."""
    await in_session(session, desk.delete_webhook, team.id, webhook_id)


@router.operation
async def enable_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> Webhook:
    """Events are sent."""
    return await in_session(session, desk.enable_webhook, team.id, webhook_id)


@router.operation
async def disable_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> Webhook:
    """No events are sent."""
    return await in_session(session, desk.disable_webhook, team.id, webhook_id)


@router.operation
async def rotate_webhook_secret(
    webhook_id: Id, team: CurrentTeam, session: CurrentSession
) -> MadeWebhook:
    """The secret is in this answer alone."""
    return await in_session(session, desk.rotate_secret, team.id, webhook_id)


@router.operation
async def test_webhook(
    webhook_id: Id, body: WantedTest, team: CurrentTeam, session: CurrentSession
) -> Delivery:
    """It is on its way."""
    return await in_session(session, desk.send_test, team.id, webhook_id, body.event_type)


@router.operation
async def list_webhook_deliveries(
    query: Annotated[DeliveryQuery, Query()], team: CurrentTeam, session: CurrentSession
) -> Page[Delivery]:
    """Those of the team."""
    return await in_session(session, desk.list_deliveries, team.id, query)


@router.operation
async def get_webhook_delivery(
    delivery_id: Id, team: CurrentTeam, session: CurrentSession
) -> DeliveryDetails:
    """As far as it is now."""
    return await in_session(session, desk.get_delivery, team.id, delivery_id)


@router.operation
async def redeliver_webhook(
    delivery_id: Id, team: CurrentTeam, session: CurrentSession
) -> Delivery:
    """It is on its way once more."""
    return await in_session(session, desk.redeliver, team.id, delivery_id)
