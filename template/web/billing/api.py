"""The operations of billing in the API."""

from django.http import HttpRequest
from ninja import Query

from core.api.pages import decode_cursor
from core.api.schemas import Page, PageQuery
from core.billing.reading import plans_of, read_invoices, read_purchases
from core.billing.schemas import (
    Billing,
    BrowserAddress,
    CheckoutId,
    CheckoutStart,
    CheckoutState,
    Invoice,
    Offers,
    PlanChange,
    Purchase,
    PurchaseStart,
)
from web.api.caller import TeamRequest
from web.api.routes import Routes
from web.billing import desk
from web.billing.reading import billing_of
from web.queue import CurrentTransaction

router = Routes()


@router.operation
def list_plans(request: HttpRequest) -> Offers:
    """As the plans say."""
    return plans_of()


@router.operation
def get_billing(request: TeamRequest) -> Billing:
    """As it is now."""
    return billing_of(request.team)


@router.operation
def list_invoices(request: TeamRequest, query: Query[PageQuery]) -> Page[Invoice]:
    """Those of the team."""
    after = decode_cursor(query.cursor)
    return read_invoices(CurrentTransaction().execute, request.team.pk, query.limit, after)


@router.operation
def list_purchases(request: TeamRequest, query: Query[PageQuery]) -> Page[Purchase]:
    """Those of the team."""
    after = decode_cursor(query.cursor)
    return read_purchases(CurrentTransaction().execute, request.team.pk, query.limit, after)


@router.operation
def start_checkout(request: TeamRequest, body: CheckoutStart) -> BrowserAddress:
    """Where to pay."""
    return BrowserAddress.model_validate(
        {"url": desk.start_checkout(request.team, request.auth.person, body)}
    )


@router.operation
def get_checkout(request: TeamRequest, session_id: CheckoutId) -> CheckoutState:
    """How far it is."""
    return desk.checkout_state(request.team, request.auth.person, session_id)


@router.operation
def start_purchase(request: TeamRequest, body: PurchaseStart) -> BrowserAddress:
    """Where to pay."""
    return BrowserAddress.model_validate(
        {"url": desk.start_purchase(request.team, request.auth.person, body)}
    )


@router.operation
def open_portal(request: TeamRequest) -> BrowserAddress:
    """Where the portal is."""
    return BrowserAddress.model_validate(
        {"url": desk.open_portal(request.team, request.auth.person)}
    )


@router.operation
def change_plan(request: TeamRequest, body: PlanChange) -> Billing:
    """Changed."""
    desk.change_plan(request.team, request.auth.person, body)
    return billing_of(request.team)


@router.operation
def cancel_subscription(request: TeamRequest) -> Billing:
    """It ends with its period."""
    desk.cancel(request.team, request.auth.person)
    return billing_of(request.team)


@router.operation
def resume_subscription(request: TeamRequest) -> Billing:
    """It goes on."""
    desk.resume(request.team, request.auth.person)
    return billing_of(request.team)
