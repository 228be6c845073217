"""The operations of outgoing webhooks in the API."""

from collections.abc import Callable
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from core.api.schemas import Id, Page
from core.outbox.write import Execute
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
from service.execute import executor
from service.teams.dependencies import CurrentTeam

router = Routes()
P = ParamSpec("P")
T = TypeVar("T")


async def at(
    session: AsyncSession,
    action: Callable[Concatenate[Execute, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """What an action of the desk answers, in the session's transaction; raises its problems."""
    return await session.run_sync(lambda sync: action(executor(sync.connection()), *args, **kwargs))


@router.operation
async def list_event_types() -> EventTypeList:
    """As they are declared."""
    return desk.event_types()


@router.operation
async def list_webhooks(query: PageOf, team: CurrentTeam, session: CurrentSession) -> Page[Webhook]:
    """Those of the team."""
    return await at(session, desk.list_webhooks, team.id, query)


@router.operation
async def create_webhook(
    body: NewWebhook, team: CurrentTeam, session: CurrentSession
) -> MadeWebhook:
    """The secret is in this answer alone."""
    return await at(session, desk.create_webhook, team.id, body)


@router.operation
async def get_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> Webhook:
    """As it is now."""
    return await at(session, desk.get_webhook, team.id, webhook_id)


@router.operation
async def update_webhook(
    webhook_id: Id,
    body: WebhookChange,
    version: IfMatch,
    team: CurrentTeam,
    session: CurrentSession,
) -> Webhook:
    """Changed, unless somebody else was faster."""
    check_version(version, await at(session, desk.lock_webhook, team.id, webhook_id))
    return await at(session, desk.update_webhook, team.id, webhook_id, body)


@router.operation
async def delete_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> None:
    """Gone, with its deliveries."""
    await at(session, desk.delete_webhook, team.id, webhook_id)


@router.operation
async def enable_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> Webhook:
    """Events are sent."""
    return await at(session, desk.enable_webhook, team.id, webhook_id)


@router.operation
async def disable_webhook(webhook_id: Id, team: CurrentTeam, session: CurrentSession) -> Webhook:
    """No events are sent."""
    return await at(session, desk.disable_webhook, team.id, webhook_id)


@router.operation
async def rotate_webhook_secret(
    webhook_id: Id, team: CurrentTeam, session: CurrentSession
) -> MadeWebhook:
    """The secret is in this answer alone."""
    return await at(session, desk.rotate_secret, team.id, webhook_id)


@router.operation
async def test_webhook(
    webhook_id: Id, body: WantedTest, team: CurrentTeam, session: CurrentSession
) -> Delivery:
    """It is on its way."""
    return await at(session, desk.send_test, team.id, webhook_id, body.event_type)


@router.operation
async def list_webhook_deliveries(
    query: Annotated[DeliveryQuery, Query()], team: CurrentTeam, session: CurrentSession
) -> Page[Delivery]:
    """Those of the team."""
    return await at(session, desk.list_deliveries, team.id, query)


@router.operation
async def get_webhook_delivery(
    delivery_id: Id, team: CurrentTeam, session: CurrentSession
) -> DeliveryDetails:
    """As far as it is now."""
    return await at(session, desk.get_delivery, team.id, delivery_id)


@router.operation
async def redeliver_webhook(
    delivery_id: Id, team: CurrentTeam, session: CurrentSession
) -> Delivery:
    """It is on its way once more."""
    return await at(session, desk.redeliver, team.id, delivery_id)
