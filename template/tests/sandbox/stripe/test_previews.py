"""Previews tell what comes, and change nothing; what is billed by use is not lost by changes."""

from typing import Any

import pytest
import stripe

from sandbox.stripe.clock import DAY
from sandbox.stripe.thread import RunningStripe
from tests.sandbox.stripe.shop import Shop

MONTH = 31 * DAY


def preview(shop: Shop, subscription: stripe.Subscription, **details: Any) -> stripe.Invoice:
    wanted: Any = {"subscription": subscription.id, "subscription_details": details}
    return shop.client.v1.invoices.create_preview(wanted)


def metered(shop: Shop, amount: str, interval: str = "month") -> stripe.Price:
    meters = shop.client.v1.billing.meters
    meter = next(iter(meters.list().data), None) or meters.create(
        {
            "display_name": "Calls",
            "event_name": "calls",
            "default_aggregation": {"formula": "sum"},
        }
    )
    spec: Any = {
        "product": shop.product.id,
        "currency": "usd",
        "unit_amount_decimal": amount,
        "recurring": {"interval": interval, "usage_type": "metered", "meter": meter.id},
    }
    return shop.client.v1.prices.create(spec)


def use(shop: Shop, subscription: stripe.Subscription, quantity: int) -> None:
    customer = str(subscription.customer)
    shop.client.v1.billing.meter_events.create(
        {
            "event_name": "calls",
            "payload": {"stripe_customer_id": customer, "value": str(quantity)},
        }
    )


def with_usage(shop: Shop, price: stripe.Price) -> tuple[stripe.Subscription, str]:
    """A subscription that bills by use as well, and the name of that item."""
    wanted: Any = {
        "customer": shop.customer().id,
        "items": [{"price": shop.monthly.id}, {"price": price.id}],
    }
    subscription = shop.client.v1.subscriptions.create(wanted)
    return subscription, subscription["items"].data[1].id


def test_a_preview_is_what_the_change_then_costs(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    sandbox.advance(seconds=MONTH // 2)
    item = subscription["items"].data[0].id
    change: Any = {
        "items": [{"id": item, "quantity": 3}],
        "proration_behavior": "always_invoice",
    }
    before = sandbox.truth(str(subscription.customer))
    shown = preview(shop, subscription, **change)
    assert sandbox.truth(str(subscription.customer)) == before
    shop.client.v1.subscriptions.update(subscription.id, change)
    made = shop.invoices(subscription)[-1]
    assert (shown.amount_due, shown.total) == (made.amount_due, made.total) == (3000, 3000)
    assert [line.amount for line in shown.lines.data] == [line.amount for line in made.lines.data]


def test_without_a_change_it_is_the_next_invoice(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    item = subscription["items"].data[0].id
    sandbox.advance(seconds=MONTH // 2)
    shop.client.v1.subscriptions.update(subscription.id, {"items": [{"id": item, "quantity": 2}]})
    assert preview(shop, subscription).total == 3000 // 2 + 2 * 3000
    shop.client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        preview(shop, subscription)
    assert refused.value.code == "invoice_upcoming_none"


def test_a_change_for_which_nothing_is_due_needs_no_card(
    shop: Shop, sandbox: RunningStripe
) -> None:
    subscription = shop.subscribe(quantity=3)
    sandbox.fail_next_payment(str(subscription.customer), times=9)
    item = subscription["items"].data[0].id
    for quantity, is_refused in ((4, True), (2, False)):
        change: Any = {
            "items": [{"id": item, "quantity": quantity}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "error_if_incomplete",
        }
        if is_refused:
            with pytest.raises(stripe.CardError):
                shop.client.v1.subscriptions.update(subscription.id, change)
        else:
            shop.client.v1.subscriptions.update(subscription.id, change)
    assert shop.again(subscription)["items"].data[0].quantity == 2


def test_what_was_used_before_a_new_price_is_billed_at_the_old(
    shop: Shop, sandbox: RunningStripe
) -> None:
    subscription, item = with_usage(shop, metered(shop, "10"))
    use(shop, subscription, 7)
    sandbox.advance(days=10)
    dear = metered(shop, "100")
    shop.client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "price": dear.id}]}
    )
    use(shop, subscription, 5)
    sandbox.advance(days=22)
    amounts = [line.amount for line in shop.invoices(subscription)[-1].lines.data]
    assert sorted(amounts) == [70, 500, 3000]


@pytest.mark.parametrize(("behaviour", "billed"), [("create_prorations", [70]), ("none", [])])
def test_what_was_used_of_a_price_that_goes_is_billed_unless_refused(
    shop: Shop, sandbox: RunningStripe, behaviour: Any, billed: list[int]
) -> None:
    subscription, item = with_usage(shop, metered(shop, "10"))
    use(shop, subscription, 7)
    sandbox.advance(days=10)
    shop.client.v1.subscription_items.delete(item, {"proration_behavior": behaviour})
    use(shop, subscription, 5)
    sandbox.advance(days=22)
    amounts = [line.amount for line in shop.invoices(subscription)[-1].lines.data]
    assert sorted(amounts) == [*billed, 3000]


def test_what_is_used_in_a_trial_costs_nothing(shop: Shop, sandbox: RunningStripe) -> None:
    price = metered(shop, "10")
    wanted: Any = {
        "customer": shop.customer().id,
        "items": [{"price": price.id}],
        "trial_period_days": 14,
    }
    subscription = shop.client.v1.subscriptions.create(wanted)
    use(shop, subscription, 7)
    sandbox.advance(days=15)
    use(shop, subscription, 5)
    sandbox.advance(days=32)
    assert sum(invoice.total for invoice in shop.invoices(subscription)) == 50
