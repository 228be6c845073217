"""Staff see what is known of customers, and have Stripe asked again; they change nothing."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.billing import refresh
from core.billing.database import lock_customer
from core.billing.tasks import ReconcileCustomer
from tests.core.billing.shop import Shop
from tests.web.conftest import make_user
from web.accounts.models import User
from web.billing.models import Customer, Purchase, Subscription, Usage, UsageReport
from web.outbox.models import Message
from web.queue import CurrentTransaction
from web.teams.models import Team

MODELS = ("customer", "subscription", "invoice", "purchase", "usage", "usagereport")


@pytest.fixture
def desk(staff: User) -> Client:
    desk = Client()
    desk.force_login(staff)
    return desk


@pytest.fixture
def known(shop: Shop, customer: Customer, team: Team) -> Customer:
    """A customer with one of everything."""
    shop.subscribe(customer.stripe_id, "pro", quantity=2)
    shop.buy(customer.stripe_id)
    execute = CurrentTransaction().execute
    row = lock_customer(execute, customer_id=customer.pk)
    assert row
    refresh.refresh_customer(execute, shop.client, row)
    now = timezone.now()
    report = UsageReport.objects.create(
        customer=customer,
        meter="calls",
        quantity=3,
        identifier="report-1",
        occurred_at=now,
        created_at=now,
    )
    Usage.objects.create(
        team=team, meter="calls", quantity=3, occurred_at=now, is_billed=True, report=report
    )
    return customer


@pytest.mark.parametrize("model", MODELS)
def test_each_is_listed_found_and_opened_and_not_changed(
    desk: Client, known: Customer, team: Team, model: str
) -> None:
    address = reverse(f"admin:billing_{model}_changelist")
    assert team.name in desk.get(address).content.decode().replace("&#x27;", "'")
    for words, is_there in ((team.name, True), ("nothing of that name", False)):
        rows = desk.get(address, {"q": words}).context["cl"].result_list
        assert bool(rows) is is_there
    pk = desk.get(address).context["cl"].result_list[0].pk
    page = reverse(f"admin:billing_{model}_change", args=[pk])
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"quantity": "99"}).status_code == 403
    assert desk.post(reverse(f"admin:billing_{model}_delete", args=[pk])).status_code == 403
    assert desk.get(reverse(f"admin:billing_{model}_add")).status_code == 403


def test_amounts_are_for_people(desk: Client, known: Customer) -> None:
    Purchase.objects.update(amount=1_234_500, amount_refunded=100, currency="jpy")
    page = desk.get(reverse("admin:billing_purchase_changelist")).content.decode()
    assert "¥1,234,500" in page
    assert "¥100" in page


def test_a_customer_shows_what_it_has_subscribed_to(desk: Client, known: Customer) -> None:
    page = desk.get(reverse("admin:billing_customer_change", args=[known.pk])).content.decode()
    assert Subscription.objects.get().stripe_id in page


def ask(browser: Client, customer: Customer) -> list[object]:
    action = {"action": "reconcile", "_selected_action": [customer.pk]}
    browser.post(reverse("admin:billing_customer_changelist"), action)
    found = Message.objects.filter(task=ReconcileCustomer.name)
    return [message.payload for message in found]


def test_stripe_is_asked_again(desk: Client, customer: Customer) -> None:
    assert ask(desk, customer) == [{"customer_id": customer.pk}]


def test_who_may_only_look_asks_nobody(customer: Customer) -> None:
    clerk = make_user("clerk@example.com", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_customer"))
    browser = Client()
    browser.force_login(clerk)
    assert ask(browser, customer) == []
