"""What the pages say of a team's plan, besides what the API says too."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from core.billing.catalog import CATALOG
from core.billing.entitlements import Standing
from core.billing.money import Money
from core.billing.plans import Plan
from core.billing.reading import read_billing
from core.billing.schemas import Billing
from core.billing.words import lower, word
from web.queue import CurrentTransaction
from web.teams.models import Team

STANDINGS = {
    Standing.FREE: "Not paid for yet",
    Standing.TRIAL: "Trial",
    Standing.ACTIVE: "Active",
    Standing.GRACE: "Payment failed",
    Standing.SUSPENDED: "Not paid",
}


@dataclass(frozen=True)
class ForOnce:
    """Something that can be bought once, in one currency."""

    code: str
    name: str
    description: str
    price: Money

    @property
    def currency(self) -> str:
        """The currency of the price."""
        return self.price.currency


def standing(now: Billing) -> str:
    """How the team stands, in a word or two."""
    if now.subscription and now.subscription.cancel_at:
        return "Ends"
    return STANDINGS[now.standing]


def for_once(currency: str | None) -> list[ForOnce]:
    """What can be bought once: in the team's currency, else in the first of each."""
    found = []
    for each in CATALOG.one_time:
        chosen = currency or next(iter(each.amounts))
        if chosen in each.amounts:
            price = Money(each.amounts[chosen], chosen)
            found.append(ForOnce(each.code, each.name, each.description, price))
    return found


def lost(now: Billing, then: Plan) -> list[str]:
    """What a team has and would have no more with another plan."""
    features = [word(code) for code in now.features if code not in then.features]
    limits = [
        f"More than {most:,} {lower(word(name))}"
        for name, most in then.limits.items()
        if name not in now.limits or now.limits[name] > most
    ]
    return [*features, *limits]


def seats(now: Billing) -> str:
    """How many members there can be, and how many of them the plan's price includes."""
    included = min(CATALOG.plan(now.plan).included_seats, now.seat_limit or sys.maxsize)
    if now.seat_limit is None:
        return f"{included:,}, more are added"
    return (
        f"{included:,}" if now.seat_limit == included else f"{included:,}, up to {now.seat_limit:,}"
    )


def billing_of(team: Team) -> Billing:
    """What a team has, uses and may do."""
    return read_billing(CurrentTransaction().execute, team.pk)
