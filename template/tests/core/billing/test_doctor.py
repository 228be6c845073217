"""The doctor finds what is wrong and says what to do."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from pydantic import SecretStr

from core.billing.doctor import WEBHOOK_PATH, Finding, examine
from core.billing.events import HANDLED
from core.billing.sync import Sync
from core.env import Settings, get_settings
from sandbox.stripe.thread import RunningStripe, start
from tests.core.billing.catalog import CATALOG, NAMES


@pytest.fixture
def sandbox() -> Iterator[RunningStripe]:
    with start() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: RunningStripe) -> stripe.StripeClient:
    return sandbox.client(max_network_retries=0)


def settings(**changes: Any) -> Settings:
    keys = {"stripe_secret_key": SecretStr("sk_test_x"), "environment": "development"}
    return get_settings().model_copy(update={**keys, **changes})


def advice(client: stripe.StripeClient, **changes: Any) -> dict[str, str]:
    """What is to be done, by what it is about."""
    found: list[Finding] = list(examine(client, settings(**changes), CATALOG, NAMES))
    assert len(found) == 6
    return {finding.what.split(" ")[0]: finding.advice for finding in found if finding.advice}


def register(client: stripe.StripeClient, **changes: Any) -> None:
    wanted: Any = {
        "url": get_settings().origin + WEBHOOK_PATH,
        "enabled_events": list(HANDLED),
        "api_version": stripe.api_version,
        **changes,
    }
    client.v1.webhook_endpoints.create(wanted)


def test_a_healthy_account_needs_nothing(client: stripe.StripeClient) -> None:
    Sync(client, CATALOG, NAMES).run()
    register(client)
    assert advice(client) == {}


def test_a_fresh_account_needs_everything(client: stripe.StripeClient) -> None:
    found = advice(client)
    assert set(found) == {"webhook", "prices", "portal"}
    assert "just billing-sync" in found["prices"]
    assert "acme-plan-pro-month-usd" in found["prices"]
    assert "STRIPE_WEBHOOK_SECRET" in found["webhook"]


def test_a_wrong_key_is_the_first_thing_to_mend(sandbox: RunningStripe) -> None:
    wrong = stripe.StripeClient("sk_test_wrong", base_addresses={"api": sandbox.url})
    assert "STRIPE_SECRET_KEY is not valid" in advice(wrong)["key"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"environment": "production"}, "one of test mode"),
        ({"stripe_secret_key": SecretStr("sk_live_x")}, "use a test key"),
    ],
)
def test_the_key_must_be_of_the_right_mode(
    changes: dict[str, Any], words: str, client: stripe.StripeClient
) -> None:
    assert words in advice(client, **changes)["key"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"enabled_events": ["invoice.paid"]}, "customer.subscription.deleted"),
        ({"api_version": "2020-08-27"}, "of API version 2020-08-27"),
        ({"url": "https://elsewhere.example/webhooks/stripe"}, "does not know it"),
    ],
)
def test_an_endpoint_that_misses_events_is_found(
    changes: dict[str, Any], words: str, client: stripe.StripeClient
) -> None:
    register(client, **changes)
    assert words in advice(client)["webhook"]


def test_an_endpoint_that_is_off_or_there_twice_is_found(client: stripe.StripeClient) -> None:
    register(client)
    register(client)
    assert "2 times" in advice(client)["webhook"]
    for endpoint in client.v1.webhook_endpoints.list().data:
        client.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    assert "switched off" in advice(client)["webhook"]


def test_an_outage_is_told_and_stops_nothing(
    client: stripe.StripeClient, sandbox: RunningStripe
) -> None:
    sandbox.fail_next_requests(500, 500, 500, 500, 500)
    assert set(advice(client)) == {"key", "webhook", "deliveries", "prices", "portal"}


def test_events_that_do_not_arrive_are_found() -> None:
    """As with a wrong secret: nobody is at the endpoint's address here."""
    with start(now=int(time.time()) - 3_600, retries=()) as sandbox:
        client = sandbox.client()
        Sync(client, CATALOG, NAMES).run()
        register(client)
        assert advice(client) == {}
        customer = client.v1.customers.create()
        client.v1.customers.update(customer.id, {"name": "Ann"})
        sandbox.deliveries.wait()
        assert set(advice(client)) == {"deliveries"}
        assert "STRIPE_WEBHOOK_SECRET" in advice(client)["deliveries"]


def test_a_portal_that_changes_plans_is_found(client: stripe.StripeClient) -> None:
    Sync(client, CATALOG, NAMES).run()
    register(client)
    (configuration,) = client.v1.billing_portal.configurations.list().data
    change: Any = {"features": {"subscription_update": {"enabled": True}}}
    client.v1.billing_portal.configurations.update(configuration.id, change)
    assert "past what your plans allow" in advice(client)["portal"]
