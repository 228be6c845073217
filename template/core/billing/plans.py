"""What can be bought: the types of `core/product/plans.py`, and the names that Stripe knows.

Stripe's products have names (`id`) that are made from the codes, so a subscription tells its plan
although its price is an old one. Codes are for ever: a new name is a new `name`, not a new `code`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.billing.money import Money

Interval = Literal["month", "year"]
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
INTERVALS: tuple[Interval, ...] = ("month", "year")


class BadCatalog(ValueError):
    """The plans contradict themselves; the message says where."""


@dataclass(frozen=True)
class Price:
    """What a plan costs for one interval in one currency, in the smallest unit."""

    interval: Interval
    currency: str
    amount: int
    # For each seat above those that the plan includes; None where none can be added.
    extra_seat: int | None = None

    @property
    def money(self) -> Money:
        """The price without extra seats."""
        return Money(self.amount, self.currency)

    def total(self, seats: int, included: int) -> Money:
        """What it costs with this many seats."""
        extra = max(0, seats - included) * (self.extra_seat or 0)
        return Money(self.amount + extra, self.currency)


@dataclass(frozen=True)
class Plan:
    """What somebody subscribes to. A plan without prices is free."""

    code: str
    name: str
    description: str = ""
    prices: tuple[Price, ...] = ()
    trial_days: int = 0
    included_seats: int = 1
    # The most seats that there can be; None for no limit.
    max_seats: int | None = None
    # What may be used at all, asked for with `may_use`.
    features: frozenset[str] = frozenset()
    # How much of something; what is not named is not limited.
    limits: Mapping[str, int] = field(default_factory=dict)
    # The codes of what is billed by use.
    metered: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether it needs no subscription."""
        return not self.prices

    @property
    def sells_seats(self) -> bool:
        """Whether seats above the included ones can be paid for."""
        return any(price.extra_seat is not None for price in self.prices)

    @property
    def seat_limit(self) -> int | None:
        """How many members there can be; None for no limit."""
        return self.max_seats if self.sells_seats else self.included_seats

    def price(self, interval: str, currency: str) -> Price:
        """The price for this interval and currency; raises LookupError."""
        for price in self.prices:
            if (price.interval, price.currency) == (interval, currency):
                return price
        raise LookupError(f"{self.code} has no price per {interval} in {currency}")


@dataclass(frozen=True)
class Metered:
    """Something billed by use: so much for each unit above those that are included.

    `unit_amounts`: for each currency the price of one unit in the smallest unit, as a text because
    it may be a part of one: {"usd": "0.5"} is half a cent.
    """

    code: str
    name: str
    unit_amounts: Mapping[str, str]
    included: int = 0  # per interval


@dataclass(frozen=True)
class OneTime:
    """Something that is paid once; `amounts` in each currency's smallest unit."""

    code: str
    name: str
    amounts: Mapping[str, int]
    description: str = ""


@dataclass(frozen=True)
class Catalog:
    """All that can be bought; contradictions are found when it is made, and raise BadCatalog."""

    plans: tuple[Plan, ...]
    metered: tuple[Metered, ...] = ()
    one_time: tuple[OneTime, ...] = ()

    def __post_init__(self) -> None:
        for kind in (self.plans, self.metered, self.one_time):
            check_codes([each.code for each in kind])
        for plan in self.plans:
            check_plan(plan, {each.code for each in self.metered})
        if len([plan for plan in self.plans if plan.is_free]) != 1:
            raise BadCatalog(
                "exactly one plan must be free: what a team may do without a subscription"
            )
        for metered in self.metered:
            for currency, amount in metered.unit_amounts.items():
                Money(0, currency)
                if not re.fullmatch(r"\d+(\.\d{1,12})?", amount):
                    raise BadCatalog(f"{metered.code}: {amount!r} is no price of a unit")
        for once in self.one_time:
            for currency, whole in once.amounts.items():
                check_amount(once.code, Money(whole, currency))

    @property
    def free(self) -> Plan:
        """What a team may do without a subscription."""
        return next(plan for plan in self.plans if plan.is_free)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Those that some plan can be paid in, in the order of the plans."""
        found = (price.currency for plan in self.plans for price in plan.prices)
        return tuple(dict.fromkeys(found))

    def plan(self, code: str) -> Plan:
        """The plan of this code; raises LookupError."""
        for plan in self.plans:
            if plan.code == code:
                return plan
        raise LookupError(f"there is no plan {code!r}")

    def metered_of(self, plan: Plan) -> tuple[Metered, ...]:
        """What this plan bills by use."""
        return tuple(each for each in self.metered if each.code in plan.metered)

    def one_time_purchase(self, code: str) -> OneTime:
        """What is paid once, by its code; raises LookupError."""
        for each in self.one_time:
            if each.code == code:
                return each
        raise LookupError(f"there is no one-time purchase {code!r}")

    def upgrades(self, feature: str) -> tuple[Plan, ...]:
        """The plans that have this feature, in their order."""
        return tuple(plan for plan in self.plans if feature in plan.features)


def check_codes(codes: list[str]) -> None:
    """Codes name things at Stripe, so they are plain and unique."""
    for code in codes:
        if not CODE.fullmatch(code) or len(code) > 40:
            raise BadCatalog(f"{code!r} is no code: small letters, digits and single hyphens")
        if codes.count(code) > 1:
            raise BadCatalog(f"the code {code!r} is used twice")


def check_plan(plan: Plan, metered: set[str]) -> None:
    """What a plan says must be possible."""
    places = [(price.interval, price.currency) for price in plan.prices]
    if len(set(places)) < len(places):
        raise BadCatalog(f"{plan.code}: two prices for one interval and currency")
    for price in plan.prices:
        if price.interval not in INTERVALS:
            raise BadCatalog(f"{plan.code}: {price.interval!r} is no interval")
        check_amount(plan.code, price.money)
        if price.extra_seat is not None:
            check_amount(plan.code, Money(price.extra_seat, price.currency))
    if len({price.extra_seat is None for price in plan.prices}) > 1:
        raise BadCatalog(f"{plan.code}: either all its prices have extra seats, or none has")
    if plan.included_seats < 1 or (plan.max_seats or 1) < 1 or plan.trial_days < 0:
        raise BadCatalog(f"{plan.code}: seats and days must be above zero")
    if plan.max_seats is not None and plan.max_seats < plan.included_seats:
        raise BadCatalog(f"{plan.code}: includes more seats than there can be")
    if unknown := set(plan.metered) - metered:
        raise BadCatalog(f"{plan.code}: bills {sorted(unknown)}, which is not metered")
    if plan.is_free and (plan.trial_days or plan.metered):
        raise BadCatalog(f"{plan.code}: a free plan has no trial and bills nothing")


def check_amount(code: str, money: Money) -> None:
    """Prices are above zero and below what Stripe takes."""
    if not 0 < money.amount < 100_000_000:
        raise BadCatalog(f"{code}: {money.amount} is no price")


class Names:
    """What Stripe's objects are called, with the project in front: accounts may be shared."""

    def __init__(self, project: str) -> None:
        self.project = project

    def product(self, kind: Literal["plan", "usage", "once"], code: str) -> str:
        """The name of a product."""
        return f"{self.project}-{kind}-{code}"

    def price(self, product: str, currency: str, interval: str = "") -> str:
        """The `lookup_key` of a price."""
        return "-".join(part for part in (product, interval, currency) if part)

    def meter(self, code: str) -> str:
        """The `event_name` of a meter."""
        return f"{self.project}-{code}".replace("-", "_")

    def plan_price(self, plan: Plan, price: Price) -> str:
        """The `lookup_key` of a plan's price."""
        return self.price(self.product("plan", plan.code), price.currency, price.interval)

    def usage_price(self, metered: Metered, interval: str, currency: str) -> str:
        """The `lookup_key` of what a unit costs; one for each interval of a subscription."""
        return self.price(self.product("usage", metered.code), currency, interval)

    def once_price(self, once: OneTime, currency: str) -> str:
        """The `lookup_key` of what is paid once."""
        return self.price(self.product("once", once.code), currency)

    def plan_code(self, product: str) -> str | None:
        """The plan's code that a product's name tells; None for any other product."""
        return self._code("plan", product)

    def once_code(self, product: str) -> str | None:
        """The code of what is paid once, that a product's name tells; None for any other."""
        return self._code("once", product)

    def _code(self, kind: Literal["plan", "once"], product: str) -> str | None:
        start = self.product(kind, "")
        return product.removeprefix(start) if product.startswith(start) else None
