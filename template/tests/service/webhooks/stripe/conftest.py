"""A source that we share a secret with, and a ledger with nothing in it."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest
import stripe

Database = psycopg.Connection[dict[str, Any]]
Json = dict[str, Any]

SECRET = "whsec_test"
PATH = "/webhooks/stripe"


@pytest.fixture(autouse=True)
def ledger(database: Database, environment: Callable[..., None]) -> Database:
    """The ledger, empty, and the secret that events are signed with."""
    environment(STRIPE_SECRET_KEY="sk_test_x", STRIPE_WEBHOOK_SECRET=SECRET)
    database.execute("TRUNCATE outbox_message, webhooks_event")
    return database


def event(name: str = "evt_1", kind: str = "invoice.paid", **fields: Any) -> bytes:
    """The body of an event."""
    about = {"id": "in_1", "object": "invoice", "customer": "cus_1"}
    return json.dumps(
        {
            "id": name,
            "object": "event",
            "type": kind,
            "created": 1_800_000_000,
            "livemode": False,
            "data": {"object": about},
            **fields,
        }
    ).encode()


def signed(body: bytes, secret: str = SECRET, age: int = 0) -> str:
    """The header that Stripe sends with this body."""
    at = int(time.time()) - age
    header: str = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, timestamp=at
    )
    return header


async def send(client: httpx.AsyncClient, body: bytes, signature: str = "") -> httpx.Response:
    """Deliver a body, with its right signature if no other is given."""
    header = {"Stripe-Signature": signature or signed(body)}
    return await client.post(PATH, content=body, headers=header)


def stored(database: Database) -> list[str]:
    """The ids of the events in the ledger."""
    rows = database.execute("SELECT event_id FROM webhooks_event ORDER BY id").fetchall()
    return [row["event_id"] for row in rows]
