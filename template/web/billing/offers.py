"""The plans as the pricing page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.billing.catalog import CATALOG
from core.billing.money import Money, decimals_of, shown
from core.billing.plans import Catalog, Interval, Metered, Plan, Price
from core.billing.words import lower, word


@dataclass(frozen=True)
class Offer:
    """A plan at one interval and currency; `price` is None for the free one."""

    plan: Plan
    price: Price | None
    # What it offers, a line for each.
    lines: tuple[str, ...]
    # What a year costs less than twelve months.
    saved: Money | None
    # How many days it can be tried for nothing.
    trial: int


def offers(
    interval: Interval, currency: str, *, may_try: bool, catalog: Catalog = CATALOG
) -> list[Offer]:
    """The plans that can be had so, in their order; `may_try`: whether trials are open."""
    found = []
    for plan in catalog.plans:
        price = price_of(plan, interval, currency)
        if price or plan.is_free:
            lines = (seats(plan, price), *contents(plan, catalog, interval, currency))
            trial = plan.trial_days if may_try else 0
            found.append(Offer(plan, price, lines, saved_by(plan, price), trial))
    return found


def price_of(plan: Plan, interval: str, currency: str) -> Price | None:
    """What it costs so; None if it cannot be had so."""
    try:
        return plan.price(interval, currency)
    except LookupError:
        return None


def saved_by(plan: Plan, price: Price | None) -> Money | None:
    """What is saved by paying for a year at once."""
    if price is None or price.interval != "year":
        return None
    monthly = price_of(plan, "month", price.currency)
    saved = monthly.money * 12 - price.money if monthly else None
    return saved if saved and saved.amount > 0 else None


def seats(plan: Plan, price: Price | None) -> str:
    """How many members there can be, and what more of them cost."""
    included = f"{plan.included_seats} {'member' if plan.included_seats == 1 else 'members'}"
    if price is None or price.extra_seat is None:
        return f"Up to {included}"
    more = Money(price.extra_seat, price.currency)
    most = f", up to {plan.max_seats}" if plan.max_seats else ""
    return f"{included}, then {more} per {price.interval} for each{most}"


def contents(plan: Plan, catalog: Catalog, interval: str, currency: str) -> list[str]:
    """What else it offers: limits, features, and what is billed by use."""
    limits = dict.fromkeys(name for each in catalog.plans for name in each.limits)
    lines = [limit(name, plan.limits.get(name)) for name in limits]
    lines += [word(feature) for feature in features(catalog) if feature in plan.features]
    return lines + [usage(each, interval, currency) for each in catalog.metered_of(plan)]


def features(catalog: Catalog) -> list[str]:
    """All features, those of the smaller plans first."""
    return list(dict.fromkeys(code for plan in catalog.plans for code in sorted(plan.features)))


def limit(name: str, most: int | None) -> str:
    """How much there can be of something."""
    return f"Any number of {lower(word(name))}" if most is None else f"{most:,} {lower(word(name))}"


def usage(metered: Metered, interval: str, currency: str) -> str:
    """What is included of something, and what more of it costs."""
    name = lower(metered.name)
    if currency not in metered.unit_amounts:
        return metered.name
    each = f"{unit_price(metered.unit_amounts[currency], currency)} each"
    if not metered.included:
        return f"{metered.name} at {each}"
    return f"{metered.included:,} {name} per {interval}, then {each}"


def unit_price(amount: str, currency: str) -> str:
    """A price that may be a part of the smallest unit: "0.5" cents are $0.005."""
    exact = Decimal(amount)
    if exact == exact.to_integral_value():
        return shown(Money(int(exact), currency))
    major = exact.scaleb(-decimals_of(currency)).normalize()
    # The currency as people write it, around a number that `Money` cannot hold.
    return shown(Money.of(1, currency)).replace("1", f"{major:f}")
