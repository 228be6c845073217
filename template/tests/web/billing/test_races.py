"""News of a customer that are handled at the same time: who writes last has asked last."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.billing import handle
from core.billing.database import lock_customer
from tests.core.billing.shop import Shop
from tests.web.teams.racing import wait_for_waiting
from web.billing.models import Customer, Subscription
from web.outbox.models import Message
from web.queue import CurrentTransaction

pytestmark = pytest.mark.django_db(transaction=True)
EXECUTE = CurrentTransaction().execute


def test_news_wait_for_their_turn_and_then_ask(shop: Shop, customer: Customer) -> None:
    made = shop.subscribe(customer.stripe_id, "pro", cancel_at_period_end=True)
    news = json.dumps(shop.sandbox.events("customer.subscription.created")[-1])

    def hear() -> None:
        try:
            with transaction.atomic():
                handle.handle(EXECUTE, shop.client, news)
        finally:
            connection.close()

    (item,) = (each for each in made.items.data if "quantity" in each)
    with ThreadPoolExecutor(3) as pool:
        with transaction.atomic():
            lock_customer(EXECUTE, customer_id=customer.pk)
            heard = [pool.submit(hear) for _ in range(3)]
            wait_for_waiting(3)
            shop.client.v1.subscription_items.update(item.id, {"quantity": 7})
        for each in heard:
            each.result(timeout=30)
    assert Subscription.objects.get().quantity == 7
    mails = Message.objects.filter(payload__template="subscription_canceled")
    assert mails.count() == 1


def test_a_team_that_goes_locks_its_customer_before_its_usage(customer: Customer) -> None:
    """Whoever reports usage locks them in this order, so neither waits for the other."""
    assert customer.team
    with CaptureQueriesContext(connection) as queries:
        customer.team.delete()
    statements = [query["sql"] for query in queries]
    touched = [
        table
        for statement in statements
        for table in ("billing_customer", "billing_usage")
        if f'"{table}"' in statement and ("FOR UPDATE" in statement or "DELETE" in statement)
    ]
    assert touched == ["billing_customer", "billing_usage"]
    customer.refresh_from_db()
    assert customer.team is None
