"""The server that people run takes in what Stripe's stand-in delivers, whatever comes between."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from core.billing.events import HANDLED
from core.webhooks.ledger import MOST_BYTES
from sandbox.ports import free_port
from sandbox.stripe.thread import RunningStripe, start
from tests import PATIENCE
from tests.background import background
from tests.service.outbox.rows import messages
from tests.service.webhooks.stripe.conftest import PATH, event, signed, stored

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def port() -> int:
    """Where the server listens."""
    return free_port()


@pytest.fixture
def sandbox(port: int) -> Iterator[RunningStripe]:
    """The stand-in, which delivers to the server."""
    with start(webhook=f"http://127.0.0.1:{port}{PATH}") as sandbox:
        yield sandbox


@pytest.fixture
def server(
    database: Database, port: int, sandbox: RunningStripe, environment: Callable[..., None]
) -> Iterator[int]:
    """The server, as a process of its own; answers its port."""
    environment(STRIPE_SECRET_KEY=sandbox.secret_key, STRIPE_WEBHOOK_SECRET=sandbox.webhook_secret)
    command = ("granian", "--interface", "asgi", "--port", str(port), "service.main:app")
    with background(*command, ready="Started worker"):
        yield port


def post(port: int, body: bytes, signature: str) -> int:
    """The status that a request is answered with."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("POST", PATH, body, {"Stripe-Signature": signature})
        return connection.getresponse().status


def begin(port: int, *body: bytes, **header: str) -> int:
    """The status that a request is answered with before it has ended."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.putrequest("POST", PATH)
        for name, value in header.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        for part in body:
            connection.send(b"%x\r\n%s\r\n" % (len(part), part))
        return connection.getresponse().status


def test_events_are_stored_once_and_nothing_else_is(
    database: Database, server: int, sandbox: RunningStripe
) -> None:
    sandbox.client().v1.customers.create({"email": "ann@example.com"})
    sandbox.client().v1.customers.create({"email": "bob@example.com"})
    for name in sandbox.customers():
        sandbox.client().v1.customers.update(name, {"name": "Acme"})
    sandbox.deliveries.duplicate(*sandbox.deliveries.all(), times=3)
    sandbox.deliveries.wait()
    assert {delivery.status for delivery in sandbox.deliveries.all()} == {"delivered"}
    known = [each["id"] for each in sandbox.events(*HANDLED)]
    assert 0 < len(known) < len(sandbox.events())
    assert sorted(stored(database)) == sorted(known)
    assert len(messages(database)) == len(known)

    secret, body = sandbox.webhook_secret, event("evt_new")
    too_much = [*[b"x" * 100_000] * (MOST_BYTES // 100_000), b"x"]
    assert begin(server, *too_much, Transfer_Encoding="chunked") == 413
    assert begin(server, Content_Length="2000000") == 413
    assert post(server, body, signed(body, "whsec_other")) == 400
    assert post(server, body, signed(body, secret, age=400)) == 400
    live = event("evt_new", livemode=True)
    assert post(server, live, signed(live, secret)) == 400
    assert sorted(stored(database)) == sorted(known)
    assert post(server, body, signed(body, secret)) == 200
    assert len(messages(database)) == len(known) + 1
