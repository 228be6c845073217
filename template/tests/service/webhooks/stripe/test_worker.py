"""What the service took in is handled by the worker of this stack, on the same tables."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import psycopg
import pytest

from core.env import get_settings
from tests import PATIENCE
from tests.background import LEFT, relay_and_worker
from tests.core.billing.shop import Shop, open_shop
from tests.service.conftest import insert
from tests.service.schema import WORKER
from tests.service.webhooks.stripe.conftest import PATH, signed

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Somebody who sells."""
    with open_shop() as shop:
        yield shop


async def test_an_event_becomes_a_subscription(
    shop: Shop,
    client: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
    environment: Callable[..., None],
) -> None:
    environment(
        STRIPE_SECRET_KEY=shop.sandbox.secret_key,
        STRIPE_WEBHOOK_SECRET=shop.sandbox.webhook_secret,
        STRIPE_API_BASE=shop.sandbox.url,
        # A broker's database of its own: beside Django, its tests have a worker on another one.
        REDIS_URL=urlsplit(get_settings().redis_url)._replace(path="/5").geturl(),
    )
    customer = shop.customer()
    insert(
        database,
        "billing_customer",
        team_id=make_team(free=True, owner=make_user()),
        stripe_id=customer,
        email="ann@example.com",
        created_at=datetime.now(UTC),
    )
    subscription = shop.subscribe(customer)
    news = shop.sandbox.events("customer.subscription.created")[-1]
    with relay_and_worker(WORKER, get_settings().database_url):
        body = json.dumps(news).encode()
        header = {"Stripe-Signature": signed(body, shop.sandbox.webhook_secret)}
        assert (await client.post(PATH, content=body, headers=header)).status_code == 200
        await handled(database)
    row = database.execute("SELECT stripe_id, plan, status FROM billing_subscription").fetchone()
    assert row == {"stripe_id": subscription.id, "plan": "solo", "status": "active"}
    assert database.execute(LEFT).fetchone() is None


async def handled(database: Database) -> None:
    """Until every event of the ledger was handled."""
    waiting = "SELECT attempts, error FROM webhooks_event WHERE processed_at IS NULL"
    deadline = time.monotonic() + PATIENCE
    while (row := database.execute(waiting).fetchone()) is not None:
        assert time.monotonic() < deadline, row
        await anyio.sleep(0.05)
