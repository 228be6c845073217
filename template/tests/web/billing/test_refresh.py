"""What we know becomes what Stripe knows, and people hear of it once."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe
from django.urls import reverse

from core.billing import refresh
from core.billing.database import CustomerRow, lock_customer
from tests.core.billing.shop import NAMES, Shop
from web.accounts.models import User
from web.billing.models import Customer, Invoice, Purchase, Subscription
from web.outbox.models import Message
from web.queue import CurrentTransaction
from web.teams.models import Team

EXECUTE = CurrentTransaction().execute
DAY = timedelta(days=1)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def locked(customer: Customer) -> CustomerRow:
    row = lock_customer(EXECUTE, customer_id=customer.pk)
    assert row is not None
    return row


def everything(shop: Shop, customer: Customer) -> None:
    """What the nightly look does, at the sandbox's time."""
    now = at(shop.sandbox.now())
    refresh.refresh_customer(EXECUTE, shop.client, locked(customer), now)


def one(shop: Shop, customer: Customer, subscription: stripe.Subscription) -> Subscription:
    """What a piece of news of a subscription does, at the sandbox's time."""
    now = at(shop.sandbox.now())
    row = locked(customer)
    refresh.refresh_subscription(EXECUTE, shop.client, row, subscription.id, now)
    return Subscription.objects.get(stripe_id=subscription.id)


def letters() -> list[str]:
    """The mails that were asked for, the oldest first."""
    sent = Message.objects.filter(task="accounts.send_mail").order_by("id")
    return [message.payload["template"] for message in sent]


def test_a_subscription_is_known_by_its_plan_and_seats(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id, "pro", quantity=4)
    known = one(shop, customer, made)
    assert (known.plan, known.interval, known.quantity) == ("pro", "month", 4)
    assert (known.status, known.currency, known.customer) == ("active", "usd", customer)
    assert known.price_id == shop.price(NAMES.product("plan", "pro"))
    start = at(shop.sandbox.now())
    assert known.created_at == known.current_period_start == start
    assert known.current_period_end > start + 27 * DAY
    assert known.trial_end is known.cancel_at is known.ended_at is known.past_due_since is None
    assert letters() == []


def test_what_is_written_last_is_what_stripe_said_last(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id, "pro", quantity=1)
    first = one(shop, customer, made)
    shop.client.v1.subscription_items.update(first.item_id, {"quantity": 7})
    second = one(shop, customer, made)
    assert (second.pk, second.quantity) == (first.pk, 7)


def test_a_subscription_to_something_else_is_none_of_ours(shop: Shop, customer: Customer) -> None:
    product = shop.client.v1.products.create({"name": "Hats"})
    price = shop.client.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": 100,
            "recurring": {"interval": "month"},
        }
    )
    shop.client.v1.subscriptions.create(
        {"customer": customer.stripe_id, "items": [{"price": price.id}]}
    )
    everything(shop, customer)
    assert not Subscription.objects.exists()


def test_somebody_elses_subscription_is_not_taken(shop: Shop, customer: Customer) -> None:
    other = shop.subscribe(shop.customer())
    refresh.refresh_subscription(EXECUTE, shop.client, locked(customer), other.id)
    assert not Subscription.objects.exists()


def test_the_owners_hear_that_a_trial_ends(shop: Shop, customer: Customer, team: Team) -> None:
    end = shop.sandbox.now() + 14 * 24 * 3600
    made = shop.subscribe(customer.stripe_id, "pro", trial_end=end)
    assert one(shop, customer, made).trial_end == at(end)
    assert letters() == []
    shop.sandbox.advance(days=11)
    for _ in range(2):
        everything(shop, customer)
    assert letters() == ["trial_ending"]
    message = Message.objects.get(task="accounts.send_mail")
    assert message.payload["to"] == "ann@example.com"
    assert message.payload["context"]["team"] == team.name
    page = reverse("billing", args=[team.pk])
    assert message.payload["context"]["url"] == f"http://testserver{page}"
    assert message.team_id == team.pk


def test_who_canceled_a_trial_is_not_told_that_it_ends(shop: Shop, customer: Customer) -> None:
    end = shop.sandbox.now() + 2 * 24 * 3600
    made = shop.subscribe(customer.stripe_id, "pro", trial_end=end, cancel_at_period_end=True)
    known = one(shop, customer, made)
    assert known.cancel_at == at(end)
    assert letters() == ["subscription_canceled"]


def test_a_failed_payment_is_told_with_each_attempt_and_its_recovery_once(
    shop: Shop, customer: Customer
) -> None:
    made = shop.subscribe(customer.stripe_id)
    one(shop, customer, made)
    shop.use_card(customer.stripe_id, "pm_card_chargeCustomerFail")
    shop.sandbox.advance(days=32)
    for _ in range(2):
        everything(shop, customer)
    known = one(shop, customer, made)
    assert known.status == "past_due"
    invoice = Invoice.objects.get(status="open")
    assert invoice.subscription == made.id
    stored = shop.client.v1.invoices.retrieve(invoice.stripe_id)
    assert known.past_due_since == at(stored.status_transitions.finalized_at or 0)
    assert letters() == ["payment_failed"]
    context = Message.objects.get(task="accounts.send_mail").payload["context"]
    assert context["amount"] == "$9"
    assert context["pay_url"] == stored.hosted_invoice_url
    assert context["again"]

    shop.sandbox.advance(to=int(invoice.next_attempt_at.timestamp()))  # type: ignore[union-attr]
    refresh.refresh_invoice(EXECUTE, shop.client, locked(customer), invoice.stripe_id)
    assert letters() == ["payment_failed", "payment_failed"]

    shop.sandbox.pay(str(stored.hosted_invoice_url))
    for _ in range(2):
        refresh.refresh_invoice(EXECUTE, shop.client, locked(customer), invoice.stripe_id)
    again = Subscription.objects.get()
    assert (again.status, again.past_due_since) == ("active", None)
    assert letters() == ["payment_failed", "payment_failed", "payment_recovered"]


def test_a_first_payment_that_fails_is_told_on_the_page(shop: Shop, customer: Customer) -> None:
    shop.use_card(customer.stripe_id, "pm_card_chargeCustomerFail")
    made = shop.subscribe(customer.stripe_id)
    everything(shop, customer)
    assert one(shop, customer, made).status == "incomplete"
    assert Invoice.objects.get().attempt_count == 1
    assert letters() == []


def test_what_was_told_long_ago_is_not_told_again(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id, cancel_at_period_end=True)
    failing = shop.subscribe(customer.stripe_id, "pro")
    shop.use_card(customer.stripe_id, "pm_card_chargeCustomerFail")
    everything(shop, customer)
    shop.sandbox.advance(days=32)
    everything(shop, customer)
    assert one(shop, customer, made).status == "canceled"
    assert one(shop, customer, failing).status == "past_due"
    assert sorted(letters()) == ["payment_failed", "subscription_canceled", "subscription_ended"]
    # What was sent is remembered for a month, and the rows for ever.
    Message.objects.all().delete()
    everything(shop, customer)
    assert letters() == []


def test_a_bank_that_asks_is_another_mail(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id)
    one(shop, customer, made)
    shop.use_card(customer.stripe_id, "pm_card_authenticationRequired")
    shop.sandbox.advance(days=32)
    everything(shop, customer)
    assert letters() == ["payment_action_required"]


def test_an_end_after_failed_payments_says_so(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id)
    one(shop, customer, made)
    shop.use_card(customer.stripe_id, "pm_card_chargeCustomerFail")
    shop.sandbox.advance(days=50)
    for _ in range(2):
        everything(shop, customer)
    known = Subscription.objects.get()
    assert known.status == "canceled"
    assert known.ended_at is not None
    # Four attempts were made, and this look at them was the first.
    assert sorted(letters()) == ["payment_failed", "subscription_ended"]
    ended = Message.objects.get(payload__template="subscription_ended")
    assert ended.payload["context"]["unpaid"] is True


def test_to_cancel_to_take_it_back_and_to_cancel_again_are_two_mails(
    shop: Shop, customer: Customer
) -> None:
    made = shop.subscribe(customer.stripe_id)
    for ends in (True, True, False, True):
        shop.sandbox.advance(seconds=1)
        shop.client.v1.subscriptions.update(made.id, {"cancel_at_period_end": ends})
        known = one(shop, customer, made)
        assert known.cancel_at == (known.current_period_end if ends else None)
    assert letters() == ["subscription_canceled", "subscription_canceled"]
    Message.objects.all().delete()
    everything(shop, customer)
    assert letters() == []


def test_only_owners_are_written_to(shop: Shop, customer: Customer, team: Team) -> None:
    for email, role in (("bob@example.com", "owner"), ("eve@example.com", "admin")):
        person = User.objects.create_user(email, "x")
        team.memberships.create(user=person, role=role)
    made = shop.subscribe(customer.stripe_id, cancel_at_period_end=True)
    one(shop, customer, made)
    to = {message.payload["to"] for message in Message.objects.filter(task="accounts.send_mail")}
    assert to == {"ann@example.com", "bob@example.com"}


def test_a_team_that_is_gone_is_not_written_to(shop: Shop, customer: Customer) -> None:
    customer.team = None
    customer.save()
    made = shop.subscribe(customer.stripe_id, cancel_at_period_end=True)
    one(shop, customer, made)
    assert letters() == []


def test_what_was_bought_once_is_known_and_what_was_given_back(
    shop: Shop, customer: Customer
) -> None:
    session = shop.buy(customer.stripe_id)
    refresh.refresh_checkout(EXECUTE, shop.client, locked(customer), session.id)
    bought = Purchase.objects.get()
    assert (bought.code, bought.amount, bought.amount_refunded) == ("setup", 49900, 0)
    intent = shop.client.v1.payment_intents.retrieve(bought.payment_intent)
    shop.client.v1.refunds.create({"payment_intent": intent.id, "amount": 900})
    refresh.refresh_charge(EXECUTE, shop.client, locked(customer), str(intent.latest_charge))
    bought.refresh_from_db()
    assert bought.amount_refunded == 900
    Purchase.objects.update(amount_refunded=0)
    everything(shop, customer)
    bought.refresh_from_db()
    assert bought.amount_refunded == 900


def test_a_checkout_that_nobody_paid_is_no_purchase(shop: Shop, customer: Customer) -> None:
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "customer": customer.stripe_id,
            "line_items": [
                {"price": shop.price(NAMES.product("once", "setup"), ""), "quantity": 1}
            ],
            "success_url": "http://testserver/",
        }
    )
    refresh.refresh_checkout(EXECUTE, shop.client, locked(customer), session.id)
    assert not Purchase.objects.exists()
    everything(shop, customer)
    assert not Purchase.objects.exists()


def test_what_stripe_does_not_have_goes(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id)
    everything(shop, customer)
    assert (Subscription.objects.count(), Invoice.objects.count()) == (1, 1)
    for model in (Subscription, Invoice):
        model.objects.update(stripe_id="gone")
    everything(shop, customer)
    assert Subscription.objects.get().stripe_id == made.id
    assert Invoice.objects.get().stripe_id == made.latest_invoice
    customer.refresh_from_db()
    assert customer.reconciled_at is not None


def test_a_customer_deleted_at_stripe_goes_and_hears_of_it(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id)
    one(shop, customer, made)
    shop.client.v1.customers.delete(customer.stripe_id)
    everything(shop, customer)
    assert not Customer.objects.exists()
    assert not Subscription.objects.exists()
    assert letters() == ["subscription_ended"]


def test_a_customer_deleted_at_stripe_goes_also_if_nothing_of_theirs_is_told(
    shop: Shop, customer: Customer
) -> None:
    one(shop, customer, shop.subscribe(customer.stripe_id))
    shop.client.v1.customers.delete(customer.stripe_id)
    shop.sandbox.fail_next_requests(0, 404)
    everything(shop, customer)
    assert not Customer.objects.exists()
    assert not Subscription.objects.exists()


def test_what_is_missing_of_a_customer_who_is_there_is_an_error(
    shop: Shop, customer: Customer
) -> None:
    shop.sandbox.fail_next_requests(0, 404)
    with pytest.raises(stripe.InvalidRequestError):
        everything(shop, customer)
    assert Customer.objects.exists()


def test_a_customer_that_stripe_never_had_is_an_error(shop: Shop, customer: Customer) -> None:
    Customer.objects.update(stripe_id="cus_of_another_account")
    with pytest.raises(stripe.InvalidRequestError):
        everything(shop, customer)
    assert Customer.objects.exists()
