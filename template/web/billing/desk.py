"""What pages and the API ask of Stripe, in the transaction of the request.

Only so many threads of a process wait for Stripe: when it is slow, the others go on with the rest.

`core.billing` is imported where it is needed: Stripe's library takes half a second to load, which
pages that sell nothing need not wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from core.billing.access import CHECKOUTS
from core.billing.schemas import CheckoutStart, CheckoutState, PlanChange, PurchaseStart
from core.problems import unavailable
from web.accounts.links import absolute
from web.accounts.models import User
from web.limits import spend
from web.queue import CurrentTransaction
from web.teams.models import Team

if TYPE_CHECKING:
    from core.billing.actions import PortalPage
    from core.billing.changes import Preview
    from core.billing.shop import Addresses, Shop, TeamFacts

P = ParamSpec("P")
T = TypeVar("T")
# Fewer than the threads of a process.
AT_ONCE = BoundedSemaphore(3)


def waits(action: Callable[P, T]) -> Callable[P, T]:
    """An action that waits for Stripe; raises 503 at once while enough others do."""

    @wraps(action)
    def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
        if not AT_ONCE.acquire(blocking=False):
            raise unavailable("Too many people are paying this moment.")
        try:
            return action(*args, **kwargs)
        finally:
            AT_ONCE.release()

    return bounded


@waits
def start_checkout(team: Team, by: User, wanted: CheckoutStart) -> str:
    """The address of the page on which a subscription is paid; raises 429 for too many."""
    from core.billing import checkout

    spend(CHECKOUTS, "team", str(team.pk))
    return checkout.start_checkout(
        shop(), facts(team, by), wanted, addresses(team, absolute("pricing"))
    )


@waits
def start_purchase(team: Team, by: User, wanted: PurchaseStart) -> str:
    """The address of the page on which something is paid once; raises 429 for too many."""
    from core.billing import checkout

    spend(CHECKOUTS, "team", str(team.pk))
    return checkout.start_purchase(shop(), facts(team, by), wanted, addresses(team, home(team)))


@waits
def checkout_state(team: Team, by: User, session_id: str) -> CheckoutState:
    """How far a checkout of this team is; raises 404 for any other."""
    from core.billing import checkout

    return checkout.checkout_state(shop(), facts(team, by), session_id)


@waits
def preview_change(team: Team, by: User, wanted: PlanChange) -> Preview:
    """What a change would cost."""
    from core.billing import changes

    return changes.preview_change(shop(), facts(team, by), wanted)


@waits
def change_plan(team: Team, by: User, wanted: PlanChange) -> str | None:
    """Change the plan at once; answers where the person's bank asks for them, if it does."""
    from core.billing import changes

    return changes.change_plan(shop(), facts(team, by), wanted)


@waits
def open_portal(team: Team, by: User, *, only_card: bool = False) -> str:
    """The address of Stripe's pages for the card and the invoices, or for another card alone."""
    from core.billing import actions

    page: PortalPage = "card" if only_card else "everything"
    return actions.open_portal(shop(), facts(team, by), home(team), page)


@waits
def cancel(team: Team, by: User) -> None:
    """Let the subscription end with its period."""
    from core.billing import actions

    actions.cancel(shop(), facts(team, by))


@waits
def resume(team: Team, by: User) -> None:
    """Take that back."""
    from core.billing import actions

    actions.resume(shop(), facts(team, by))


def shop() -> Shop:
    """Stripe and the database; raises 503 where nothing is sold."""
    from core.billing.shop import open_shop

    return open_shop(CurrentTransaction().execute)


def facts(team: Team, by: User) -> TeamFacts:
    """The team, as it is at Stripe; mails of Stripe's go to whoever first pays."""
    from core.billing.shop import TeamFacts

    return TeamFacts(team.pk, team.name, by.email)


def addresses(team: Team, back: str) -> Addresses:
    """Where people come back to: when they have paid, and when they have not."""
    from core.billing.shop import Addresses

    done = absolute("checkout_return", str(team.pk))
    return Addresses(f"{done}?session_id={{CHECKOUT_SESSION_ID}}", back)


def home(team: Team) -> str:
    """The billing page of a team."""
    return absolute("billing", str(team.pk))
