"""Subscriptions change as Stripe's do: by requests, by payments, and by time."""

from decimal import Decimal

import pytest
import stripe

from sandbox.stripe.clock import DAY, HOUR
from sandbox.stripe.thread import RunningStripe
from sandbox.stripe.world import Policy
from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import Shop


def test_a_subscription_renews_each_month_and_is_paid_an_hour_later(
    shop: Shop, sandbox: RunningStripe
) -> None:
    subscription = shop.subscribe(quantity=2)
    assert subscription.status == "active"
    end = subscription["items"].data[0].current_period_end
    assert end == sandbox.now() + 31 * DAY
    sandbox.advance(to=end)
    assert shop.again(subscription)["items"].data[0].current_period_start == end
    assert [invoice.status for invoice in shop.invoices(subscription)] == ["paid", "draft"]
    sandbox.advance(seconds=HOUR)
    assert [invoice.status for invoice in shop.invoices(subscription)] == ["paid", "paid"]
    assert [invoice.total for invoice in shop.invoices(subscription)] == [6000, 6000]
    sandbox.advance(days=330)
    assert len(shop.invoices(subscription)) == 12


def test_a_trial_warns_and_then_is_paid(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe(trial_period_days=14)
    assert subscription.status == "trialing"
    sandbox.advance(days=11)
    (warning,) = sandbox.events("customer.subscription.trial_will_end")
    assert warning["created"] == subscription.created + 11 * DAY
    sandbox.advance(days=3, seconds=HOUR)
    again = shop.again(subscription)
    assert again.status == "active"
    assert again.billing_cycle_anchor == subscription.trial_end
    assert [invoice.total for invoice in shop.invoices(subscription)] == [0, 3000]


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")],
)
def test_a_trial_without_a_card_ends_as_was_asked(
    behaviour: str, status: str, shop: Shop, sandbox: RunningStripe
) -> None:
    subscription = shop.subscribe(
        shop.customer(""),
        trial_period_days=1,
        trial_settings={"end_behavior": {"missing_payment_method": behaviour}},
    )
    sandbox.advance(days=1, seconds=HOUR)
    assert shop.again(subscription).status == status


def test_a_paused_subscription_is_resumed(shop: Shop, sandbox: RunningStripe) -> None:
    customer = shop.customer("")
    subscription = shop.subscribe(
        customer,
        trial_period_days=1,
        trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
    )
    sandbox.advance(days=2)
    method = shop.client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    shop.client.v1.subscriptions.update(subscription.id, {"default_payment_method": method.id})
    resumed = shop.client.v1.subscriptions.resume(subscription.id)
    assert resumed.status == "active"
    assert shop.invoices(subscription)[-1].status == "paid"
    assert len(sandbox.events("customer.subscription.resumed")) == 1


def test_a_failed_renewal_is_retried_and_then_ends_the_subscription(
    shop: Shop, sandbox: RunningStripe
) -> None:
    customer = shop.customer("pm_card_chargeCustomerFail")
    subscription = shop.subscribe(customer, trial_period_days=1)
    sandbox.advance(days=1, seconds=HOUR)
    assert shop.again(subscription).status == "past_due"
    attempts = []
    while shop.again(subscription).status == "past_due":
        invoice = shop.invoices(subscription)[-1]
        attempts.append((invoice.attempt_count, invoice.next_payment_attempt))
        sandbox.advance_to_next()
    first = subscription.created + DAY + HOUR
    assert attempts == [
        (1, first + 3 * DAY),
        (2, first + 8 * DAY),
        (3, first + 15 * DAY),
    ]
    ended = shop.again(subscription)
    assert ended.status == "canceled"
    assert ended.cancellation_details is not None
    assert ended.cancellation_details.reason == "payment_failed"
    assert shop.invoices(subscription)[-1].status == "open"
    assert len(sandbox.events("invoice.payment_failed")) == 4
    assert len(sandbox.events("customer.subscription.deleted")) == 1


def test_the_account_may_leave_a_subscription_unpaid(shop: Shop, sandbox: RunningStripe) -> None:
    sandbox.set_policy(Policy(retry_days=(1,), after_retries="unpaid"))
    subscription = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"), trial_period_days=1)
    sandbox.advance(days=3)
    assert shop.again(subscription).status == "unpaid"
    sandbox.advance(days=31)
    assert shop.invoices(subscription)[-1].status == "draft"


@pytest.mark.parametrize("how", ["retry", "pay", "page"])
def test_a_failed_payment_is_recovered(how: str, shop: Shop, sandbox: RunningStripe) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    sandbox.fail_next_payment(customer.id)
    sandbox.advance(days=32)
    assert shop.again(subscription).status == "past_due"
    assert shop.client.v1.customers.retrieve(customer.id).delinquent
    invoice = shop.invoices(subscription)[-1]
    if how == "retry":
        sandbox.advance(days=3)
    elif how == "pay":
        shop.client.v1.invoices.pay(invoice.id)
    else:
        sandbox.pay(invoice.hosted_invoice_url or "")
    assert shop.again(subscription).status == "active"
    assert shop.invoices(subscription)[-1].status == "paid"
    assert not shop.client.v1.customers.retrieve(customer.id).delinquent


def test_a_renewal_that_needs_the_person_asks_for_them(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe(
        shop.customer("pm_card_authenticationRequired"), trial_period_days=1
    )
    sandbox.advance(days=1, seconds=HOUR)
    assert shop.again(subscription).status == "past_due"
    assert len(sandbox.events("invoice.payment_action_required")) == 1
    invoice = shop.invoices(subscription)[-1]
    sandbox.pay(invoice.hosted_invoice_url or "", number="4000002760003184")
    assert shop.again(subscription).status == "active"


def test_a_first_payment_that_fails_makes_an_incomplete_subscription_that_expires(
    shop: Shop, sandbox: RunningStripe
) -> None:
    subscription = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"))
    assert subscription.status == "incomplete"
    sandbox.advance(seconds=23 * HOUR)
    assert shop.again(subscription).status == "incomplete_expired"
    assert shop.invoices(subscription)[-1].status == "void"


def test_error_if_incomplete_changes_nothing(shop: Shop, sandbox: RunningStripe) -> None:
    customer = shop.customer("pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError) as refused:
        shop.subscribe(customer, payment_behavior="error_if_incomplete")
    assert (refused.value.code, refused.value.http_status) == ("card_declined", 402)
    assert sandbox.truth(customer.id)["subscriptions"] == []


def test_default_incomplete_waits_to_be_paid(shop: Shop) -> None:
    subscription = shop.subscribe(payment_behavior="default_incomplete")
    assert subscription.status == "incomplete"
    assert isinstance(subscription.latest_invoice, str)
    shop.client.v1.invoices.pay(subscription.latest_invoice)
    assert shop.again(subscription).status == "active"


def test_a_cancellation_at_the_periods_end_can_be_taken_back(
    shop: Shop, sandbox: RunningStripe
) -> None:
    subscription = shop.subscribe()
    end = subscription["items"].data[0].current_period_end
    update = shop.client.v1.subscriptions.update
    canceled = update(
        subscription.id,
        {
            "cancel_at_period_end": True,
            "cancellation_details": {"feedback": "too_expensive", "comment": "Alas"},
        },
    )
    assert (canceled.status, canceled.cancel_at) == ("active", end)
    assert canceled.cancellation_details is not None
    assert canceled.cancellation_details.feedback == "too_expensive"
    resumed = update(subscription.id, {"cancel_at_period_end": False})
    assert (resumed.cancel_at, resumed.canceled_at) == (None, None)
    update(subscription.id, {"cancel_at_period_end": True})
    sandbox.advance(to=end - 1)
    assert shop.again(subscription).status == "active"
    sandbox.advance(seconds=1)
    assert shop.again(subscription).status == "canceled"
    assert shop.again(subscription).ended_at == end
    assert len(shop.invoices(subscription)) == 1


def test_what_is_canceled_stays_so(shop: Shop, client: stripe.StripeClient) -> None:
    subscription = shop.subscribe()
    assert client.v1.subscriptions.cancel(subscription.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.subscriptions.cancel(subscription.id)
    assert refused.value.code == "resource_missing"
    customer = str(subscription.customer)
    assert list(client.v1.subscriptions.list({"customer": customer})) == []
    assert len(client.v1.subscriptions.list({"customer": customer, "status": "all"}).data) == 1


def test_another_interval_begins_at_once(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    sandbox.advance(days=10)
    item = subscription["items"].data[0]
    changed = shop.client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item.id, "price": shop.yearly.id}]}
    )
    assert changed.billing_cycle_anchor == sandbox.now()
    assert changed["items"].data[0].current_period_end == sandbox.now() + 365 * DAY
    invoice = shop.invoices(subscription)[-1]
    assert (invoice.status, invoice.billing_reason) == ("paid", "subscription_update")
    # 21 of the 31 days are given back.
    assert invoice.total == 30_000 - 2032


def test_a_trial_can_be_ended_now(shop: Shop) -> None:
    subscription = shop.subscribe(trial_period_days=14)
    ended = shop.client.v1.subscriptions.update(subscription.id, {"trial_end": "now"})
    assert ended.status == "active"
    assert [invoice.total for invoice in shop.invoices(subscription)] == [0, 3000]


def test_usage_is_billed_at_the_periods_end(shop: Shop, sandbox: RunningStripe) -> None:
    client = shop.client.v1
    meter = client.billing.meters.create(
        {
            "display_name": "Calls",
            "event_name": "calls",
            "default_aggregation": {"formula": "sum"},
        }
    )
    price = client.prices.create(
        {
            "product": shop.product.id,
            "currency": "usd",
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [
                {"up_to": 100, "unit_amount": 0},
                {"up_to": "inf", "unit_amount_decimal": Decimal("0.5")},
            ],
        }
    )
    customer = shop.customer()
    subscription = client.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": shop.monthly.id}, {"price": price.id}],
        }
    )
    for number, value in enumerate(["60", "61", "1"]):
        client.billing.meter_events.create(
            {
                "event_name": "calls",
                "identifier": f"call-{number}",
                "payload": {"stripe_customer_id": customer.id, "value": value},
            }
        )
    with pytest.raises(stripe.InvalidRequestError, match="already exists with identifier"):
        client.billing.meter_events.create(
            {
                "event_name": "calls",
                "identifier": "call-1",
                "payload": {"stripe_customer_id": customer.id, "value": "61"},
            }
        )
    summaries = client.billing.meters.event_summaries.list(
        meter.id,
        {"customer": customer.id, "start_time": sandbox.now(), "end_time": sandbox.now() + DAY},
    )
    assert summaries.data[0].aggregated_value == 122
    sandbox.advance(days=31, seconds=HOUR)
    lines = [(line.amount, line.quantity) for line in shop.invoices(subscription)[-1].lines.data]
    assert sorted(lines) == [(11, 122), (3000, 1)]


def test_seats_in_tiers_cost_what_is_above_the_included(shop: Shop) -> None:
    price = shop.client.v1.prices.create(
        {
            "product": shop.product.id,
            "currency": "usd",
            "recurring": {"interval": "month"},
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [
                {"up_to": 3, "flat_amount": 2900, "unit_amount": 0},
                {"up_to": "inf", "unit_amount": 900},
            ],
        }
    )
    for quantity, total in ((1, 2900), (3, 2900), (4, 3800), (10, 9200)):
        subscription = shop.client.v1.subscriptions.create(
            {
                "customer": shop.customer().id,
                "items": [{"price": price.id, "quantity": quantity}],
            }
        )
        assert shop.invoices(subscription)[-1].total == total


def test_a_refund_gives_back_what_was_paid_and_no_more(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    (payment,) = shop.client.v1.invoice_payments.list(
        {"invoice": str(subscription.latest_invoice)}
    ).data
    intent = str(payment.payment.payment_intent)
    create = shop.client.v1.refunds.create
    assert create({"payment_intent": intent, "amount": 1000}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        create({"payment_intent": intent, "amount": 2001})
    assert create({"payment_intent": intent}).amount == 2000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        create({"payment_intent": intent})
    assert refused.value.code == "charge_already_refunded"
    assert sandbox.truth(str(subscription.customer))["charges"][0]["refunded"]


def test_a_deleted_customer_has_no_subscription(shop: Shop, receiver: Receiver) -> None:
    subscription = shop.subscribe()
    shop.client.v1.customers.delete(str(subscription.customer))
    assert shop.again(subscription).status == "canceled"
    gone = shop.client.v1.customers.retrieve(str(subscription.customer))
    assert gone.deleted
    with pytest.raises(stripe.InvalidRequestError):
        shop.checkout(gone)
