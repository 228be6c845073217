"""What is given back and taken in the middle of a period adds up, whatever happens."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.stripe.amounts import price_amount, prorated, rounded, spread
from sandbox.stripe.clock import DAY, add_intervals, period_after
from sandbox.stripe.thread import RunningStripe
from tests.sandbox.stripe.shop import Shop

MONTH = 31 * DAY
changes = st.lists(
    st.tuples(st.integers(0, MONTH // 8), st.integers(1, 40)), min_size=1, max_size=7
)


@given(changes)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_period_costs_what_was_used_of_it(
    shop: Shop, sandbox: RunningStripe, changes: list[tuple[int, int]]
) -> None:
    """First invoice and prorations together are the sum over time of what it cost."""
    subscription = shop.subscribe(quantity=1)
    item = subscription["items"].data[0]
    exact, quantity, start = Fraction(0), 1, sandbox.now()
    end = item.current_period_end
    length = end - start
    at = start
    for wait, wanted in changes:
        sandbox.advance(seconds=wait)
        exact += Fraction(3000 * quantity * wait, length)
        at += wait
        shop.client.v1.subscription_items.update(item.id, {"quantity": wanted})
        quantity = wanted
    exact += Fraction(3000 * quantity * (end - at), length)
    items = shop.client.v1.invoice_items.list(
        {"customer": str(subscription.customer), "limit": 100}
    )
    paid = shop.invoices(subscription)[0].total + sum(each.amount for each in items.data)
    assert abs(paid - exact) <= Fraction(len(items.data), 2)
    shop.client.v1.subscriptions.cancel(subscription.id)


def test_going_there_and_back_costs_nothing(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe(quantity=3)
    item = subscription["items"].data[0].id
    sandbox.advance(seconds=1_234_567)
    for quantity in (7, 3):
        shop.client.v1.subscription_items.update(item, {"quantity": quantity})
    items = shop.client.v1.invoice_items.list({"customer": str(subscription.customer)}).data
    assert len(items) == 4
    assert sum(each.amount for each in items) == 0


def test_prorations_wait_for_the_next_invoice(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    sandbox.advance(seconds=MONTH // 2)
    item = subscription["items"].data[0].id
    shop.client.v1.subscriptions.update(subscription.id, {"items": [{"id": item, "quantity": 2}]})
    sandbox.advance(days=17)
    lines = shop.invoices(subscription)[-1].lines.data
    assert [line.amount for line in lines] == [-1500, 3000, 6000]


def test_always_invoice_collects_at_once(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    sandbox.advance(seconds=MONTH // 2)
    item = subscription["items"].data[0].id
    shop.client.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"},
    )
    invoice = shop.invoices(subscription)[-1]
    assert (invoice.status, invoice.total) == ("paid", 1500)


def test_what_is_given_back_is_credit_for_the_next_invoice(
    shop: Shop, sandbox: RunningStripe
) -> None:
    subscription = shop.subscribe(quantity=4)
    sandbox.advance(seconds=MONTH // 2)
    item = subscription["items"].data[0].id
    shop.client.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item, "quantity": 1}], "proration_behavior": "always_invoice"},
    )
    customer = shop.client.v1.customers.retrieve(str(subscription.customer))
    assert customer.balance == -4500
    sandbox.advance(days=17)
    invoice = shop.invoices(subscription)[-1]
    assert (invoice.total, invoice.amount_due, invoice.ending_balance) == (3000, 0, -1500)


@pytest.mark.parametrize("behavior", ["none", "create_prorations"])
def test_in_a_trial_nothing_is_prorated(behavior: str, shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe(trial_period_days=14)
    sandbox.advance(days=3)
    item = subscription["items"].data[0].id
    shop.client.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item, "quantity": 2}], "proration_behavior": behavior},
    )
    assert not shop.client.v1.invoice_items.list({"customer": str(subscription.customer)}).data


@given(st.fractions(min_value=-(10**9), max_value=10**9))
def test_rounding_is_to_the_nearest_and_symmetric(amount: Fraction) -> None:
    assert abs(rounded(amount) - amount) <= Fraction(1, 2)
    assert rounded(-amount) == -rounded(amount)


@given(st.integers(0, 10**9), st.integers(0, MONTH))
def test_two_parts_of_a_period_are_the_whole(amount: int, left: int) -> None:
    parts = prorated(amount, left, MONTH) + prorated(amount, MONTH - left, MONTH)
    assert abs(parts - amount) <= 1


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_a_discount_is_spread_without_a_rest(amount: int, weights: list[int]) -> None:
    amount = min(amount, sum(weights))
    parts = spread(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(st.integers(0, 1000), st.integers(1, 50))
def test_tiers_add_up(quantity: int, included: int) -> None:
    price = {
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "_tiers": [
            {"up_to": included, "flat_amount": 2900, "unit_amount_decimal": "0"},
            {"up_to": None, "flat_amount": None, "unit_amount_decimal": "900"},
        ],
    }
    assert price_amount(price, quantity) == 2900 + 900 * max(0, quantity - included)


@given(st.integers(0, 4_000_000_000), st.integers(1, 40))
def test_periods_follow_one_another(anchor: int, count: int) -> None:
    ends = [add_intervals(anchor, "month", number) for number in range(count + 1)]
    assert ends == sorted(set(ends))
    for start, end in itertools.pairwise(ends):
        assert 28 * DAY <= end - start <= 31 * DAY
        assert period_after(anchor, "month", 1, start) == end
