"""News lead to a new look; what fell through is found; who is gone pays no more."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.utils import timezone
from pydantic import SecretStr

from core.billing import handle, stripe_client
from core.billing.tasks import ReconcileCustomer, ReconcileCustomers, SweepBilling
from core.env import get_settings
from tests.core.billing.shop import Shop
from web.billing import tasks
from web.billing.models import Customer, Invoice, Purchase, Subscription, Usage, UsageReport
from web.outbox.models import Message
from web.queue import CurrentTransaction
from web.teams.models import Team
from web.webhooks.models import Event

EXECUTE = CurrentTransaction().execute


@pytest.fixture(autouse=True)
def key_of_the_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tasks reach the shop as they would reach Stripe."""
    found = {
        "stripe_secret_key": SecretStr(shop.sandbox.secret_key),
        "stripe_api_base": shop.sandbox.url,
    }
    settings = get_settings().model_copy(update=found)
    monkeypatch.setattr(stripe_client, "get_settings", lambda: settings)
    yield
    stripe_client.make_client.cache_clear()


def hear(shop: Shop, kind: str, **changes: Any) -> None:
    """Handle the newest event of a type, as it was sent."""
    event = shop.sandbox.events(kind)[-1]
    handle.handle(EXECUTE, shop.client, json.dumps({**event, **changes}))


def letters() -> list[str]:
    found = Message.objects.filter(task="accounts.send_mail").order_by("id")
    return [message.payload["template"] for message in found]


def test_news_of_each_kind_are_looked_up(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id, "pro", quantity=2)
    hear(shop, "customer.subscription.created")
    assert Subscription.objects.get().quantity == 2
    hear(shop, "invoice.paid")
    assert Invoice.objects.get().stripe_id == made.latest_invoice
    bought = shop.buy(customer.stripe_id)
    hear(shop, "checkout.session.completed")
    purchase = Purchase.objects.get(stripe_id=bought.id)
    shop.client.v1.refunds.create({"payment_intent": purchase.payment_intent})
    hear(shop, "charge.refunded")
    purchase.refresh_from_db()
    assert purchase.amount_refunded == purchase.amount
    shop.client.v1.customers.update(customer.stripe_id, {"email": "new@example.com"})
    hear(shop, "customer.updated")
    customer.refresh_from_db()
    assert customer.email == "new@example.com"


def test_an_invoice_brings_its_subscription_along(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id)
    hear(shop, "invoice.paid")
    assert Subscription.objects.get().stripe_id == made.id


def test_old_news_tell_of_the_present(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id)
    shop.client.v1.subscriptions.cancel(made.id)
    hear(shop, "customer.subscription.created")
    assert Subscription.objects.get().status == "canceled"


def test_news_that_a_trial_ends_are_from_the_time_they_tell_of(
    shop: Shop, customer: Customer
) -> None:
    end = shop.sandbox.now() + 14 * 24 * 3600
    shop.subscribe(customer.stripe_id, "pro", trial_end=end)
    shop.sandbox.advance(days=11)
    for _ in range(2):
        hear(shop, "customer.subscription.trial_will_end")
    assert letters() == ["trial_ending"]


def test_news_of_nobody_known_ask_for_nothing(shop: Shop, db: None) -> None:
    shop.subscribe(shop.customer())
    shop.sandbox.fail_next_requests(500)
    for kind in ("customer.subscription.created", "invoice.paid", "customer.updated"):
        hear(shop, kind)
    shop.sandbox.fail_next_requests()
    assert not Subscription.objects.exists()
    with pytest.raises(stripe.APIError):  # it still waits for the first request
        shop.client.v1.products.list()


def test_a_customer_who_was_deleted_can_become_one_again(shop: Shop, customer: Customer) -> None:
    shop.subscribe(customer.stripe_id)
    hear(shop, "customer.subscription.created")
    shop.client.v1.customers.delete(customer.stripe_id)
    hear(shop, "customer.deleted")
    assert not Customer.objects.exists()
    assert letters() == ["subscription_ended"]


def test_what_stripe_does_not_answer_is_not_done(shop: Shop, customer: Customer) -> None:
    shop.subscribe(customer.stripe_id)
    shop.sandbox.fail_next_requests(500)
    with pytest.raises(stripe.APIError):
        hear(shop, "customer.subscription.created")
    assert not Subscription.objects.exists()


def asked(task: type) -> list[Any]:
    found = Message.objects.filter(task=task.name).order_by("id")  # type: ignore[attr-defined]
    return [message.payload for message in found]


def test_every_customer_is_looked_at_once_a_night(shop: Shop, customer: Customer) -> None:
    other = Customer.objects.create(stripe_id=shop.customer(), created_at=timezone.now())
    for _ in range(2):
        tasks.reconcile_customers(ReconcileCustomers())
    wanted = [{"customer_id": customer.pk}, {"customer_id": other.pk}]
    assert asked(ReconcileCustomer) == wanted
    first, second = Message.objects.filter(task=ReconcileCustomer.name).order_by("id")
    assert second.available_at - first.available_at == timedelta(seconds=0.5)
    made = shop.subscribe(customer.stripe_id)
    tasks.reconcile_customer(ReconcileCustomer(customer_id=customer.pk))
    assert Subscription.objects.get().stripe_id == made.id
    assert Invoice.objects.get().stripe_id == made.latest_invoice
    tasks.reconcile_customer(ReconcileCustomer(customer_id=0))


def test_a_team_that_is_gone_here_and_there_is_forgotten(
    shop: Shop, customer: Customer, team: Team
) -> None:
    shop.client.v1.customers.delete(customer.stripe_id)
    team.erase()
    shop.sandbox.fail_next_requests(0, 404)
    tasks.reconcile_customer(ReconcileCustomer(customer_id=customer.pk))
    shop.sandbox.end_outage()
    assert not Customer.objects.exists()


def test_a_team_that_is_gone_pays_no_more(shop: Shop, customer: Customer, team: Team) -> None:
    made = shop.subscribe(customer.stripe_id)
    tasks.reconcile_customer(ReconcileCustomer(customer_id=customer.pk))
    price = made.items.data[0].price.id
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.stripe_id,
            "line_items": [{"price": price, "quantity": 1}],
            "success_url": "http://testserver/",
        }
    )
    report = UsageReport.objects.create(
        customer=customer,
        meter="calls",
        quantity=1,
        identifier="x",
        occurred_at=timezone.now(),
        created_at=timezone.now(),
    )
    Usage.objects.create(
        team=team,
        meter="calls",
        quantity=1,
        occurred_at=timezone.now(),
        is_billed=True,
        report=report,
    )
    Event.objects.create(
        source="stripe",
        event_id="evt_1",
        type="invoice.paid",
        customer=customer.stripe_id,
        payload={},
        created_at=timezone.now(),
        received_at=timezone.now(),
        processed_at=timezone.now(),
    )
    team.erase()
    customer.refresh_from_db()
    assert customer.team_id is None
    for _ in range(2):
        tasks.sweep(SweepBilling())
    assert asked(ReconcileCustomer) == [{"customer_id": customer.pk}]
    tasks.reconcile_customer(ReconcileCustomer(customer_id=customer.pk))
    truth = shop.sandbox.truth(customer.stripe_id)
    assert [each["status"] for each in truth["subscriptions"]] == ["canceled"]
    assert [each["status"] for each in truth["checkout_sessions"]] == ["expired"]
    assert shop.client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    for model in (Customer, Subscription, Invoice, UsageReport, Usage, Event):
        assert not model._default_manager.exists(), model
    assert letters() == []
    tasks.reconcile_customer(ReconcileCustomer(customer_id=customer.pk))
