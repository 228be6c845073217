"""Stripe is made to match the plans: once, without deleting, and without touching who has paid."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import stripe

from core.billing.plans import Catalog, Names, Price
from core.billing.sync import Change, Sync
from sandbox.stripe.thread import RunningStripe, start
from tests.core.billing.catalog import CATALOG, FREE, NAMES, PRO, SOLO


@pytest.fixture
def sandbox() -> Iterator[RunningStripe]:
    with start() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: RunningStripe) -> stripe.StripeClient:
    return sandbox.client()


def sync(client: stripe.StripeClient, catalog: Catalog = CATALOG) -> list[Change]:
    return Sync(client, catalog, NAMES).run()


def active(client: stripe.StripeClient) -> dict[str, stripe.Price]:
    listed = client.v1.prices.list({"active": True, "limit": 100, "expand": ["data.tiers"]})
    return {str(price.lookup_key): price for price in listed.auto_paging_iter()}


def test_everything_is_made_once(client: stripe.StripeClient) -> None:
    would = Sync(client, CATALOG, NAMES, dry_run=True).run()
    assert list(client.v1.products.list().data) == []
    assert sync(client) == would
    assert sync(client) == []
    prices = active(client)
    seats = prices["acme-plan-pro-month-usd"]
    assert seats.product == "acme-plan-pro"
    assert [(tier.up_to, tier.flat_amount, tier.unit_amount) for tier in seats.tiers or []] == [
        (3, 2900, 0),
        (None, None, 900),
    ]
    assert prices["acme-plan-solo-month-usd"].unit_amount == 900
    assert prices["acme-once-setup-usd"].recurring is None
    usage = prices["acme-usage-calls-year-jpy"].recurring
    assert usage is not None
    assert (usage.usage_type, usage.interval) == ("metered", "year")
    (configuration,) = client.v1.billing_portal.configurations.list().data
    assert configuration.features.payment_method_update.enabled
    assert not configuration.features.subscription_update.enabled


def test_another_amount_is_another_price_and_nobody_pays_more(
    client: stripe.StripeClient,
) -> None:
    sync(client)
    former = active(client)["acme-plan-solo-month-usd"]
    customer = client.v1.customers.create()
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    subscription = client.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": former.id}],
            "default_payment_method": method.id,
        }
    )
    dearer = replace(SOLO, prices=(Price("month", "usd", 1900),))
    changes = sync(client, replace(CATALOG, plans=(FREE, dearer, PRO)))
    assert [(change.action, change.what) for change in changes] == [
        ("create", "price acme-plan-solo-month-usd"),
        ("archive", "price acme-plan-solo-month-usd"),
    ]
    assert active(client)["acme-plan-solo-month-usd"].unit_amount == 1900
    assert not client.v1.prices.retrieve(former.id).active
    item = client.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert item.price.id == former.id
    assert NAMES.plan_code(str(item.price.product)) == "solo"


def test_what_is_gone_is_archived_and_comes_back(client: stripe.StripeClient) -> None:
    sync(client)
    sync(client, replace(CATALOG, plans=(FREE, PRO)))
    assert not client.v1.products.retrieve("acme-plan-solo").active
    assert "acme-plan-solo-month-usd" not in active(client)
    sync(client)
    assert client.v1.products.retrieve("acme-plan-solo").active
    assert active(client)["acme-plan-solo-month-usd"].unit_amount == 900
    assert sync(client) == []


def test_a_name_is_changed_in_place(client: stripe.StripeClient) -> None:
    sync(client)
    renamed = replace(PRO, name="Team", description="")
    (change,) = sync(client, replace(CATALOG, plans=(FREE, SOLO, renamed)))
    assert (change.action, change.what) == ("update", "product acme-plan-pro")
    product = client.v1.products.retrieve("acme-plan-pro")
    assert (product.name, product.description) == ("Team", None)


def test_what_is_somebody_elses_is_left_alone(client: stripe.StripeClient) -> None:
    product = client.v1.products.create({"name": "Another", "id": "other-plan-solo"})
    client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 1})
    Sync(client, CATALOG, Names("another-project")).run()
    sync(client)
    sync(client, replace(CATALOG, plans=(FREE, PRO)))
    assert client.v1.products.retrieve(product.id).active
    assert client.v1.products.retrieve("another-project-plan-solo").active


def test_a_run_that_broke_off_is_finished_by_the_next(
    client: stripe.StripeClient, sandbox: RunningStripe
) -> None:
    once = sandbox.client(max_network_retries=0)
    for answered in (1, 6, 12):
        sandbox.fail_next_requests(*[0] * answered, 500)
        with pytest.raises(stripe.APIError):
            sync(once)
    sync(client)
    assert sync(client) == []
