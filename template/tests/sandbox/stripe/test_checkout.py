"""A person pays on the hosted page, and what follows is what Stripe does."""

import httpx
import pytest
import stripe

from sandbox.stripe.thread import RunningStripe, session_of
from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import CANCEL, Shop


def test_somebody_who_pays_has_a_running_subscription(
    shop: Shop, sandbox: RunningStripe, receiver: Receiver
) -> None:
    customer = shop.customer("")
    session = shop.checkout(customer, subscription_data={"metadata": {"team": "7"}})
    back = sandbox.pay(session.url)
    done = shop.client.v1.checkout.sessions.retrieve(
        session_of(back), {"expand": ["subscription.latest_invoice", "line_items"]}
    )
    assert (done.status, done.payment_status, done.amount_total) == ("complete", "paid", 6000)
    assert done.url is None
    assert isinstance(done.subscription, stripe.Subscription)
    assert done.subscription.status == "active"
    assert done.subscription.metadata.to_dict() == {"team": "7"}
    assert done.subscription["items"].data[0].quantity == 2
    assert isinstance(done.subscription.latest_invoice, stripe.Invoice)
    assert done.subscription.latest_invoice.status == "paid"
    sandbox.deliveries.wait()
    assert receiver.types.index("customer.subscription.created") < receiver.types.index(
        "checkout.session.completed"
    )
    assert {"invoice.paid", "charge.succeeded", "payment_method.attached"} < set(receiver.types)


def test_a_trial_costs_nothing_today(shop: Shop, sandbox: RunningStripe) -> None:
    session = shop.checkout(shop.customer(""), subscription_data={"trial_period_days": 14})
    assert session.amount_total == 0
    sandbox.pay(session.url)
    (subscription,) = sandbox.truth(session.customer)["subscriptions"]
    assert subscription["status"] == "trialing"
    assert subscription["trial_end"] == sandbox.now() + 14 * 86_400
    (invoice,) = sandbox.truth(session.customer)["invoices"]
    assert (invoice["status"], invoice["total"]) == ("paid", 0)
    assert sandbox.truth(session.customer)["charges"] == []


def test_a_card_that_is_asked_about_before_a_trial_is_not_asked_about_after_it(
    shop: Shop, sandbox: RunningStripe
) -> None:
    session = shop.checkout(shop.customer(""), subscription_data={"trial_period_days": 14})
    sandbox.pay(session.url, number="4000002500003155")
    sandbox.advance(days=15)
    (subscription,) = sandbox.truth(session.customer)["subscriptions"]
    assert subscription["status"] == "active"


@pytest.mark.parametrize("number", ["4000000000000002", "4000000000009995", "4000000000000069"])
def test_a_declined_card_leaves_the_checkout_open(
    number: str, shop: Shop, sandbox: RunningStripe
) -> None:
    session = shop.checkout(shop.customer(""))
    with pytest.raises(AssertionError, match="Your card"):
        sandbox.pay(session.url, number=number)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert sandbox.truth(session.customer)["subscriptions"] == []
    sandbox.pay(session.url)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_a_challenge_must_be_passed(shop: Shop, sandbox: RunningStripe) -> None:
    session = shop.checkout(shop.customer(""))
    with pytest.raises(AssertionError, match="could not confirm"):
        sandbox.pay(session.url, number="4000002760003184", challenge="fail")
    assert sandbox.truth(session.customer)["subscriptions"] == []
    sandbox.pay(session.url, number="4000002760003184")
    (subscription,) = sandbox.truth(session.customer)["subscriptions"]
    assert subscription["status"] == "active"


def test_who_goes_back_has_bought_nothing(shop: Shop, sandbox: RunningStripe) -> None:
    session = shop.checkout()
    assert sandbox.go_back(session.url) == CANCEL
    assert shop.client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_paying_twice_is_one_subscription(shop: Shop, sandbox: RunningStripe) -> None:
    session = shop.checkout(shop.customer(""))
    sandbox.pay(session.url)
    with pytest.raises(AssertionError, match="This checkout is complete"):
        sandbox.pay(session.url)
    assert len(sandbox.truth(session.customer)["subscriptions"]) == 1


def test_a_checkout_expires_after_a_day(
    shop: Shop, sandbox: RunningStripe, receiver: Receiver
) -> None:
    session = shop.checkout()
    sandbox.advance(days=1)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    sandbox.deliveries.wait()
    assert "checkout.session.expired" in receiver.types


def test_a_promotion_code_is_typed_on_the_page(shop: Shop, sandbox: RunningStripe) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 25, "duration": "once"})
    shop.client.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"}
    )
    session = shop.checkout(shop.customer(""), allow_promotion_codes=True)
    sandbox.pay(session.url, code="spring")
    truth = sandbox.truth(session.customer)
    (invoice,) = truth["invoices"]
    assert (invoice["subtotal"], invoice["total"]) == (6000, 4500)
    assert truth["checkout_sessions"][0]["total_details"]["amount_discount"] == 1500
    sandbox.advance(days=32)
    assert sandbox.truth(session.customer)["invoices"][-1]["total"] == 6000


@pytest.mark.parametrize("with_invoice", [True, False])
def test_something_is_bought_once_in_a_currency_without_decimals(
    with_invoice: bool, shop: Shop, sandbox: RunningStripe
) -> None:
    session = shop.checkout(
        shop.customer(""),
        mode="payment",
        line_items=[{"price": shop.once.id, "quantity": 3}],
        invoice_creation={"enabled": with_invoice},
        payment_intent_data={"metadata": {"order": "1"}},
    )
    page = httpx.get(session.url).text
    assert "15,000 JPY" in page
    sandbox.pay(session.url)
    done = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(done.payment_intent, stripe.PaymentIntent)
    assert (done.payment_intent.status, done.payment_intent.amount) == ("succeeded", 15_000)
    assert (done.invoice is not None) == with_invoice


def test_a_card_can_be_kept_without_paying(shop: Shop, sandbox: RunningStripe) -> None:
    customer = shop.customer("")
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": customer.id,
            "success_url": "http://testserver/",
            "currency": "usd",
        }
    )
    sandbox.pay(session.url or "")
    done = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert isinstance(done.setup_intent, stripe.SetupIntent)
    assert (
        done.setup_intent.payment_method == sandbox.truth(customer.id)["payment_methods"][0]["id"]
    )


def test_a_stranger_becomes_a_customer(shop: Shop, sandbox: RunningStripe) -> None:
    session = shop.checkout(customer_email="bob@example.com", client_reference_id="team-1")
    sandbox.pay(session.url, email="bob@example.com", name="Bob")
    done = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert isinstance(done.customer, stripe.Customer)
    assert done.customer.email == "bob@example.com"
    assert done.client_reference_id == "team-1"


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"mode": "payment"}, "line_items[0][price]"),
        ({"line_items": []}, "line_items"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"discounts": [{"coupon": "none"}]}, "discounts[0][coupon]"),
        ({"made_up": "x"}, "made_up"),
        ({"success_url": ""}, "success_url"),
    ],
)
def test_a_wrong_checkout_is_refused(wrong: dict[str, object], param: str, shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.checkout(**wrong)
    assert refused.value.param == param


def test_pages_cannot_be_posted_to_from_elsewhere(shop: Shop) -> None:
    session = shop.checkout()
    for headers in ({}, {"Origin": "http://evil.example"}):
        answer = httpx.post(session.url, data={"answer": "pay"}, headers=headers)
        assert answer.status_code == 403


def test_what_is_left_over_does_not_pay_at_a_checkout(shop: Shop, sandbox: RunningStripe) -> None:
    customer = shop.customer()
    shop.client.v1.customers.update(customer.id, {"balance": -9000})
    session = shop.checkout(
        customer,
        mode="payment",
        line_items=[{"price": shop.once.id, "quantity": 1}],
        invoice_creation={"enabled": True},
    )
    sandbox.pay(session.url)
    (charge,) = sandbox.truth(customer.id)["charges"]
    assert charge["amount"] == 5000
    assert shop.client.v1.customers.retrieve(customer.id).balance == -9000
