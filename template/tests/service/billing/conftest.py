"""A shop at the stand-in for Stripe, and a team that has not bought anything."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from core.billing.catalog import CATALOG
from core.billing.plans import Names
from core.billing.sync import Sync
from core.project import project
from sandbox.stripe.thread import RunningStripe, start
from service.celery import app as celery
from service.tasks import engine
from tests.service.conftest import make_client
from tests.service.teams.conftest import Acme, acme
from tests.service.webhooks.stripe.conftest import PATH, signed

__all__ = ["acme"]

Database = psycopg.Connection[dict[str, Any]]

PUBLISH = """
    UPDATE outbox_message SET published_at = now()
    WHERE published_at IS NULL AND done_at IS NULL AND available_at <= now() RETURNING id, task
"""


@dataclass
class News:
    """Brings what happened at Stripe to the service, and has it worked on."""

    app: FastAPI
    database: Database
    sandbox: RunningStripe
    told: set[str] = field(default_factory=set)

    async def tell(self) -> list[str]:
        """Deliver every event that was not delivered yet; answers their types."""
        fresh = [event for event in self.sandbox.events() if event["id"] not in self.told]
        async with make_client(self.app) as client:
            for event in fresh:
                body = json.dumps(event).encode()
                header = {"Stripe-Signature": signed(body, self.sandbox.webhook_secret)}
                answer = await client.post(PATH, content=body, headers=header)
                assert answer.status_code == 200, answer.text
                self.told.add(event["id"])
        return [event["type"] for event in fresh]

    def work(self) -> None:
        """Do all that was asked for, and what that asks for; nothing of it may fail."""
        while rows := self.database.execute(PUBLISH).fetchall():
            for row in rows:
                celery.tasks[row["task"]](row["id"])
        failed = self.database.execute(
            "SELECT task, attempts FROM outbox_message WHERE attempts > 0 AND done_at IS NULL"
        ).fetchall()
        assert failed == []

    async def arrive(self) -> None:
        """Both."""
        await self.tell()
        self.work()


@pytest.fixture(scope="module")
def whole_sandbox() -> Iterator[RunningStripe]:
    """One for the tests of a file: each has a customer of its own."""
    with start() as sandbox:
        Sync(sandbox.client(), CATALOG, Names(project.slug)).run()
        yield sandbox


@pytest.fixture
def sandbox(whole_sandbox: RunningStripe, environment: Callable[..., None]) -> RunningStripe:
    """The stand-in, to which the product is led."""
    environment(
        STRIPE_SECRET_KEY=whole_sandbox.secret_key,
        STRIPE_WEBHOOK_SECRET=whole_sandbox.webhook_secret,
        STRIPE_API_BASE=whole_sandbox.url,
    )
    return whole_sandbox


@pytest.fixture
def news(app: FastAPI, database: Database, sandbox: RunningStripe) -> Iterator[News]:
    """What happens from now on."""
    database.execute("TRUNCATE outbox_message, webhooks_event")
    celery.loader.import_default_modules()
    yield News(app, database, sandbox, {event["id"] for event in sandbox.events()})
    engine().dispose()


@pytest.fixture
def shopper(acme: Acme, news: News) -> Acme:
    """The team, which has never paid for anything."""
    acme.database.execute("TRUNCATE billing_customer CASCADE")
    return acme
