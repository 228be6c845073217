"""A person changes a subscription in the portal, as far as the configuration lets them."""

from typing import Any

import httpx
import pytest
import stripe

from sandbox.stripe.thread import RunningStripe
from tests.sandbox.stripe.shop import Shop

BACK = "http://testserver/billing/"


@pytest.fixture
def configuration(shop: Shop) -> stripe.billing_portal.Configuration:
    return shop.client.v1.billing_portal.configurations.create(
        {
            "features": {
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
                "subscription_update": {
                    "enabled": True,
                    "default_allowed_updates": ["price", "quantity"],
                    "proration_behavior": "create_prorations",
                    "products": [
                        {
                            "product": shop.product.id,
                            "prices": [shop.monthly.id, shop.yearly.id],
                        }
                    ],
                },
            }
        }
    )


def portal(shop: Shop, subscription: stripe.Subscription, **more: Any) -> str:
    wanted: Any = {"customer": str(subscription.customer), "return_url": BACK, **more}
    return shop.client.v1.billing_portal.sessions.create(wanted).url


@pytest.mark.usefixtures("configuration")
def test_a_person_changes_seats_and_plan(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    address = portal(shop, subscription)
    sandbox.in_portal(
        address, "change", subscription=subscription.id, price=shop.monthly.id, quantity="5"
    )
    assert shop.again(subscription)["items"].data[0].quantity == 5
    sandbox.in_portal(
        address, "change", subscription=subscription.id, price=shop.yearly.id, quantity="5"
    )
    item = shop.again(subscription)["items"].data[0]
    assert (item.price.id, item.quantity) == (shop.yearly.id, 5)


@pytest.mark.usefixtures("configuration")
def test_a_person_cancels_and_thinks_again(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    address = portal(shop, subscription)
    sandbox.in_portal(address, "cancel", subscription=subscription.id)
    assert shop.again(subscription).cancel_at_period_end
    assert "Ends " in httpx.get(address).text
    sandbox.in_portal(address, "resume", subscription=subscription.id)
    assert not shop.again(subscription).cancel_at_period_end


@pytest.mark.usefixtures("configuration")
def test_a_new_card_is_what_the_retry_uses(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"), trial_period_days=1)
    sandbox.advance(days=2)
    assert shop.again(subscription).status == "past_due"
    sandbox.in_portal(portal(shop, subscription), "card", number="4242424242424242")
    sandbox.advance(days=3)
    assert shop.again(subscription).status == "active"


@pytest.mark.usefixtures("configuration")
def test_a_person_reads_and_pays_invoices(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    page = httpx.get(portal(shop, subscription)).text
    invoice = shop.invoices(subscription)[0]
    assert str(invoice.number) in page
    assert f'href="{BACK}"' in page
    assert "30.00 USD" in httpx.get(str(invoice.hosted_invoice_url)).text


def test_nothing_can_be_done_that_was_not_allowed(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    configuration = shop.client.v1.billing_portal.configurations.create(
        {"features": {"invoice_history": {"enabled": True}}}
    )
    address = portal(shop, subscription, configuration=configuration.id)
    assert "Cancel" not in httpx.get(address).text
    for button in ("cancel", "change", "card"):
        with pytest.raises(AssertionError, match="403"):
            sandbox.in_portal(address, button, subscription=subscription.id)


@pytest.mark.usefixtures("configuration")
def test_nobody_changes_the_subscription_of_somebody_else(
    shop: Shop, sandbox: RunningStripe
) -> None:
    mine, theirs = shop.subscribe(), shop.subscribe()
    with pytest.raises(AssertionError, match="403"):
        sandbox.in_portal(portal(shop, mine), "cancel", subscription=theirs.id)
    assert not shop.again(theirs).cancel_at_period_end


def test_without_a_configuration_there_is_no_portal(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No configuration provided"):
        portal(shop, shop.subscribe())
