"""The plans and what they cost, for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.billing.access import MANAGE_BILLING
from core.billing.catalog import CATALOG
from core.billing.plans import INTERVALS, Interval
from core.billing.schemas import Billing, RunningSubscription
from core.env import get_settings
from core.teams.roles import Role
from web.accounts.models import User
from web.billing.offers import offers
from web.billing.reading import billing_of
from web.teams.models import Membership, Team
from web.teams.request import current_membership


@dataclass(frozen=True)
class Visitor:
    """Who looks at the prices: somebody in a team, with what it has now, or a stranger."""

    membership: Membership | None = None
    now: Billing | None = None

    @property
    def team(self) -> Team | None:
        """The team that a plan would be for."""
        return self.membership.team if self.membership else None

    @property
    def subscription(self) -> RunningSubscription | None:
        """What the team pays for."""
        return self.now.subscription if self.now else None

    @property
    def may_manage(self) -> bool:
        """Whether they can choose a plan for it."""
        return self.membership is not None and (
            Role(self.membership.role) in MANAGE_BILLING.allowed
        )

    @property
    def plan(self) -> str:
        """The code of what the team has."""
        return self.subscription.plan if self.subscription else CATALOG.free.code


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Every plan. By month or year, and in which currency, is a part of the address."""
    visitor = visitor_of(request)
    interval, currency = chosen(request, visitor)
    fixed = visitor.now and visitor.now.currency
    context = {
        "visitor": visitor,
        "offers": offers(interval, currency, may_try=visitor.now is None or visitor.now.may_try),
        "interval": interval,
        "intervals": [each for each in INTERVALS if any_price(each)],
        "currency": currency,
        "currencies": () if fixed else CATALOG.currencies,
        "sells": get_settings().sells,
    }
    return render(request, "billing/pricing.html", context)


def visitor_of(request: HttpRequest) -> Visitor:
    """Who looks."""
    user = request.user
    membership = current_membership(request, user) if isinstance(user, User) else None
    return Visitor(membership, billing_of(membership.team)) if membership else Visitor()


def chosen(request: HttpRequest, visitor: Visitor) -> tuple[Interval, str]:
    """What is asked for, where there is such a thing; who has paid keeps to the currency."""
    running = visitor.subscription.interval if visitor.subscription else ""
    asked = request.GET.get("interval") or running
    interval = next((each for each in INTERVALS if each == asked), INTERVALS[0])
    currency = visitor.now.currency if visitor.now else None
    currency = currency or request.GET.get("currency", "")
    known = CATALOG.currencies or ("usd",)
    return interval, currency if currency in known else known[0]


def any_price(interval: Interval) -> bool:
    """Whether anything can be paid so."""
    return any(price.interval == interval for plan in CATALOG.plans for price in plan.prices)
