"""The operations of billing in the API."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from core.api.pages import decode_cursor
from core.api.schemas import Page
from core.billing import actions, changes, checkout
from core.billing.access import CHECKOUTS
from core.billing.links import billing_address
from core.billing.reading import plans_of, read_billing, read_invoices, read_purchases
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
from service.api.budgets import CurrentBudgets
from service.api.lists import PageOf
from service.api.routes import Routes
from service.billing.desk import addresses, at_stripe, facts
from service.db import CurrentSession
from service.execute import in_session
from service.teams.dependencies import CurrentMembership, CurrentTeam

router = Routes()


async def billing_of(session: AsyncSession, team_id: int) -> Billing:
    """What a team has now, as far as the session's transaction sees."""
    return await in_session(session, read_billing, team_id)


def at(url: str) -> BrowserAddress:
    """Where a person goes on."""
    return BrowserAddress.model_validate({"url": url})


@router.operation
async def list_plans() -> Offers:
    """As the plans say."""
    return plans_of()


@router.operation
async def get_billing(team: CurrentTeam, session: CurrentSession) -> Billing:
    """As it is now."""
    return await billing_of(session, team.id)


@router.operation
async def list_invoices(query: PageOf, team: CurrentTeam, session: CurrentSession) -> Page[Invoice]:
    """Those of the team."""
    after = decode_cursor(query.cursor)
    return await in_session(session, read_invoices, team.id, query.limit, after)


@router.operation
async def list_purchases(
    query: PageOf, team: CurrentTeam, session: CurrentSession
) -> Page[Purchase]:
    """Those of the team."""
    after = decode_cursor(query.cursor)
    return await in_session(session, read_purchases, team.id, query.limit, after)


@router.operation
async def start_checkout(
    body: CheckoutStart,
    team: CurrentMembership,
    session: CurrentSession,
    budgets: CurrentBudgets,
) -> BrowserAddress:
    """Where to pay."""
    await budgets.spend(CHECKOUTS, f"team:{team.id}")
    who, back = await facts(session, team), addresses(team.id)
    return at(
        await at_stripe(partial(checkout.start_checkout, team=who, wanted=body, addresses=back))
    )


@router.operation
async def get_checkout(
    session_id: CheckoutId,
    team: CurrentMembership,
    session: CurrentSession,
) -> CheckoutState:
    """How far it is."""
    who = await facts(session, team)
    return await at_stripe(partial(checkout.checkout_state, team=who, session_id=session_id))


@router.operation
async def start_purchase(
    body: PurchaseStart,
    team: CurrentMembership,
    session: CurrentSession,
    budgets: CurrentBudgets,
) -> BrowserAddress:
    """Where to pay."""
    await budgets.spend(CHECKOUTS, f"team:{team.id}")
    who, back = await facts(session, team), addresses(team.id)
    return at(
        await at_stripe(partial(checkout.start_purchase, team=who, wanted=body, addresses=back))
    )


@router.operation
async def open_portal(team: CurrentMembership, session: CurrentSession) -> BrowserAddress:
    """Where the portal is."""
    who, back = await facts(session, team), billing_address(team.id)
    return at(await at_stripe(partial(actions.open_portal, team=who, return_url=back)))


@router.operation
async def change_plan(
    body: PlanChange, team: CurrentMembership, session: CurrentSession
) -> Billing:
    """Changed."""
    who = await facts(session, team)
    await at_stripe(partial(changes.change_plan, team=who, wanted=body))
    return await billing_of(session, team.id)


@router.operation
async def cancel_subscription(team: CurrentMembership, session: CurrentSession) -> Billing:
    """It ends with its period."""
    who = await facts(session, team)
    await at_stripe(partial(actions.cancel, team=who))
    return await billing_of(session, team.id)


@router.operation
async def resume_subscription(team: CurrentMembership, session: CurrentSession) -> Billing:
    """It goes on."""
    who = await facts(session, team)
    await at_stripe(partial(actions.resume, team=who))
    return await billing_of(session, team.id)
