"""The arithmetic of money: whole minor units, rounded half away from zero, never floats."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from sandbox.stripe.forms import Json

# fmt: off
ZERO_DECIMAL = frozenset({
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
})
CURRENCIES = ZERO_DECIMAL | {
    "aed", "ars", "aud", "brl", "cad", "chf", "cny", "czk", "dkk", "eur", "gbp", "hkd", "huf",
    "idr", "ils", "inr", "mxn", "myr", "nok", "nzd", "php", "pln", "ron", "sek", "sgd", "thb",
    "try", "twd", "usd", "zar",
}
# fmt: on


def rounded(amount: Fraction) -> int:
    """The nearest whole number; halves go away from zero."""
    exact = Decimal(abs(amount.numerator)) / Decimal(amount.denominator)
    whole = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return whole if amount >= 0 else -whole


def price_amount(price: Json, quantity: int) -> int:
    """What this many units cost for one period."""
    if price["billing_scheme"] == "per_unit":
        return rounded(_decimal(price["unit_amount_decimal"]) * quantity)
    tiers = price["_tiers"]
    if price["tiers_mode"] == "volume":
        tier = next(tier for tier in tiers if tier["up_to"] is None or quantity <= tier["up_to"])
        return _tier_amount(tier, quantity)
    total, below = 0, 0
    for tier in tiers:
        upper = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if upper > below or (below == 0 and tier is tiers[0]):
            total += _tier_amount(tier, upper - below)
        below = max(below, upper)
    return total


def _tier_amount(tier: Json, quantity: int) -> int:
    units = _decimal(tier["unit_amount_decimal"]) * quantity
    return rounded(units) + (tier["flat_amount"] or 0)


def _decimal(text: str | None) -> Fraction:
    return Fraction(text or "0")


def prorated(amount: int, seconds_left: int, period_seconds: int) -> int:
    """The part of a period's amount for what is left of it, to the second."""
    return rounded(Fraction(amount * max(0, seconds_left), period_seconds))


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by these weights so that the parts add up to it exactly."""
    total = sum(weights)
    if total <= 0:
        return [0 for _ in weights]
    parts, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        part = rounded(Fraction(amount * seen, total)) - given
        given += part
        parts.append(part)
    return parts


def shown(amount: int, currency: str) -> str:
    """The amount as the sandbox's pages show it."""
    if currency in ZERO_DECIMAL:
        return f"{amount:,} {currency.upper()}"
    sign = "-" if amount < 0 else ""
    whole, cents = divmod(abs(amount), 100)
    return f"{sign}{whole:,}.{cents:02} {currency.upper()}"
