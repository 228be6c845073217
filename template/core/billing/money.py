"""Money: whole numbers of a currency's smallest unit. No floats."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

# Stripe's documentation: "Zero-decimal currencies" and "Three-decimal currencies".
NO_DECIMALS = frozenset(
    {
        *("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"),
        *("pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"),
    }
)
THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
SYMBOLS = {
    "aud": "A$",
    "brl": "R$",
    "cad": "CA$",
    "eur": "€",
    "gbp": "£",
    "inr": "₹",
    "jpy": "¥",
    "krw": "₩",
    "usd": "$",
}


class CurrencyMismatch(ValueError):
    """Two currencies cannot be added."""


def decimals_of(currency: str) -> int:
    """How many digits of the amount stand behind the point."""
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


@dataclass(frozen=True, order=False)
class Money:
    """An amount in the currency's smallest unit: `Money(2900, "usd")` is 29 dollars."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"an amount is a whole number, not {self.amount!r}")
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.islower()):
            raise ValueError(f"a currency is three small letters, not {self.currency!r}")

    @classmethod
    def of(cls, major: Decimal | int | str, currency: str) -> Self:
        """From whole units, as people write them; raises ValueError for too many digits."""
        exact = Decimal(major).scaleb(decimals_of(currency))
        if exact != exact.to_integral_value():
            raise ValueError(f"{major} has more digits than {currency} has")
        return cls(int(exact), currency)

    @property
    def major(self) -> Decimal:
        """In whole units: 29.00 of 2900 cents."""
        return Decimal(self.amount).scaleb(-decimals_of(self.currency))

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + other * -1

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def __str__(self) -> str:
        """For people: "$29", "€1,299.50", "¥2,900", "29.00 CHF"."""
        return shown(self)


def shown(money: Money) -> str:
    """For people who read English; round prices without digits behind the point."""
    sign = "-" if money.amount < 0 else ""
    exact = abs(money.major)
    is_round = exact == exact.to_integral_value()
    digits = f"{exact:,.0f}" if is_round else f"{exact:,.{decimals_of(money.currency)}f}"
    if symbol := SYMBOLS.get(money.currency):
        return f"{sign}{symbol}{digits}"
    return f"{sign}{digits} {money.currency.upper()}"
