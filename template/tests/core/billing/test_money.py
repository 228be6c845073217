"""Money is whole numbers, and reads as people write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.money import CurrencyMismatch, Money, decimals_of

CURRENCIES = st.sampled_from(["usd", "eur", "jpy", "kwd", "chf"])
AMOUNTS = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(2900, "usd"), "$29"),
        (Money(2950, "usd"), "$29.50"),
        (Money(129_950, "eur"), "€1,299.50"),
        (Money(2900, "jpy"), "¥2,900"),
        (Money(-500, "gbp"), "-£5"),
        (Money(1, "usd"), "$0.01"),
        (Money(2905, "chf"), "29.05 CHF"),
        (Money(1234, "kwd"), "1.234 KWD"),
        (Money(0, "usd"), "$0"),
    ],
)
def test_amounts_read_as_people_write_them(money: Money, text: str) -> None:
    assert str(money) == text


@given(AMOUNTS, CURRENCIES)
def test_whole_units_and_smallest_units_are_the_same_money(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert Money.of(money.major, currency) == money
    assert money.major == Decimal(amount) / 10 ** decimals_of(currency)


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums_are_exact(one: int, other: int, currency: str) -> None:
    assert Money(one, currency) + Money(other, currency) == Money(one + other, currency)
    assert Money(one, currency) - Money(other, currency) == Money(one - other, currency)
    assert Money(one, currency) * 3 == Money(3 * one, currency)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "usd") + Money(1, "eur")
    with pytest.raises(TypeError):
        Money(1.5, "usd")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="small letters"):
        Money(1, "USD")
    with pytest.raises(ValueError, match="more digits"):
        Money.of("1.5", "jpy")
