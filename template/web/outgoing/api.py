"""The operations of outgoing webhooks in the API."""

from ninja import Query

from core.api.schemas import Id, Page, PageQuery
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
from web.api.caller import ApiRequest, TeamRequest
from web.api.routes import Routes, check_version
from web.queue import CurrentTransaction

router = Routes()
execute = CurrentTransaction().execute


@router.operation
def list_event_types(request: ApiRequest) -> EventTypeList:
    """As they are declared."""
    return desk.event_types()


@router.operation
def list_webhooks(request: TeamRequest, query: Query[PageQuery]) -> Page[Webhook]:
    """Those of the team."""
    return desk.list_webhooks(execute, request.team.pk, query)


@router.operation
def create_webhook(request: TeamRequest, body: NewWebhook) -> MadeWebhook:
    """The secret is in this answer alone."""
    return desk.create_webhook(execute, request.team.pk, body)


@router.operation
def get_webhook(request: TeamRequest, webhook_id: Id) -> Webhook:
    """As it is now."""
    return desk.get_webhook(execute, request.team.pk, webhook_id)


@router.operation
def update_webhook(request: TeamRequest, webhook_id: Id, body: WebhookChange) -> Webhook:
    """Changed, unless somebody else was faster."""
    check_version(request, desk.lock_webhook(execute, request.team.pk, webhook_id))
    return desk.update_webhook(execute, request.team.pk, webhook_id, body)


@router.operation
def delete_webhook(request: TeamRequest, webhook_id: Id) -> None:
    """Gone, with its deliveries."""
    desk.delete_webhook(execute, request.team.pk, webhook_id)


@router.operation
def enable_webhook(request: TeamRequest, webhook_id: Id) -> Webhook:
    """Events are sent."""
    return desk.enable_webhook(execute, request.team.pk, webhook_id)


@router.operation
def disable_webhook(request: TeamRequest, webhook_id: Id) -> Webhook:
    """No events are sent."""
    return desk.disable_webhook(execute, request.team.pk, webhook_id)


@router.operation
def rotate_webhook_secret(request: TeamRequest, webhook_id: Id) -> MadeWebhook:
    """The secret is in this answer alone."""
    return desk.rotate_secret(execute, request.team.pk, webhook_id)


@router.operation
def test_webhook(request: TeamRequest, webhook_id: Id, body: WantedTest) -> Delivery:
    """It is on its way."""
    return desk.send_test(execute, request.team.pk, webhook_id, body.event_type)


@router.operation
def list_webhook_deliveries(request: TeamRequest, query: Query[DeliveryQuery]) -> Page[Delivery]:
    """Those of the team."""
    return desk.list_deliveries(execute, request.team.pk, query)


@router.operation
def get_webhook_delivery(request: TeamRequest, delivery_id: Id) -> DeliveryDetails:
    """As far as it is now."""
    return desk.get_delivery(execute, request.team.pk, delivery_id)


@router.operation
def redeliver_webhook(request: TeamRequest, delivery_id: Id) -> Delivery:
    """It is on its way once more."""
    return desk.redeliver(execute, request.team.pk, delivery_id)
