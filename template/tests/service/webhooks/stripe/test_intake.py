"""An event is stored once, with its task, before its source is told so; nothing else is stored."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.webhooks.ledger import MOST_BYTES
from core.webhooks.tasks import HandleEvent
from sandbox.ports import free_port
from service.pool import make_pool
from tests.service.outbox.rows import messages
from tests.service.webhooks.stripe.conftest import PATH, SECRET, event, send, signed, stored

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


async def test_an_event_and_its_task_are_one_transaction(
    client: httpx.AsyncClient, database: Database
) -> None:
    body = event()
    answer = await client.post(
        PATH,
        content=body,
        headers={"Stripe-Signature": signed(body), "X-Request-Id": "the-news-of-today"},
    )
    assert (answer.status_code, answer.content) == (200, b"")
    row = database.execute(
        "SELECT event.*, event.xmin = message.xmin AS together, message.request_id"
        " FROM webhooks_event AS event, outbox_message AS message"
    ).fetchone()
    assert row
    assert row["together"]
    assert (row["source"], row["event_id"], row["type"]) == ("stripe", "evt_1", "invoice.paid")
    assert (row["object_id"], row["customer"]) == ("in_1", "cus_1")
    assert (row["payload"]["id"], row["processed_at"]) == ("evt_1", None)
    assert row["request_id"] == answer.headers["X-Request-Id"] == "the-news-of-today"
    assert messages(database) == [(HandleEvent.name, {"event": row["id"]})]


async def test_a_repeated_event_is_stored_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    answers = await asyncio.gather(*(send(client, event()) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await send(client, event())).status_code == 200
    assert (await send(client, event("evt_2"))).status_code == 200
    assert stored(database) == ["evt_1", "evt_2"]
    assert len(messages(database)) == 2


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        pytest.param(event(), "nonsense", id="nonsense"),
        pytest.param(event(), f"{signed(event())}0", id="another signature"),
        pytest.param(event(), signed(event(), "whsec_other"), id="another secret"),
        pytest.param(event(), signed(event(), age=301), id="old"),
        pytest.param(event("evt_2"), signed(event()), id="another body"),
        pytest.param(event(livemode=True), "", id="another mode"),
        pytest.param(b"{}", "", id="no event"),
        pytest.param(b"", "", id="empty"),
    ],
)
async def test_what_is_not_believed_is_not_stored(
    client: httpx.AsyncClient, database: Database, body: bytes, signature: str
) -> None:
    answer = await send(client, body, signature)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert SECRET not in answer.text
    assert (stored(database), messages(database)) == ([], [])


async def test_an_event_without_a_signature_is_not_stored(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert (await client.post(PATH, content=event())).status_code == 400
    assert stored(database) == []


async def test_nothing_is_believed_while_no_secret_is_set_and_is_to_be_sent_again(
    client: httpx.AsyncClient, database: Database, environment: Callable[..., None]
) -> None:
    environment(STRIPE_SECRET_KEY="", STRIPE_WEBHOOK_SECRET="")
    assert (await send(client, event())).status_code == 503
    assert stored(database) == []


async def test_what_is_of_no_interest_is_taken_and_not_stored(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert (await send(client, event(kind="moon.landed"))).status_code == 200
    assert (stored(database), messages(database)) == ([], [])


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_large_is_not_read_to_its_end(
    client: httpx.AsyncClient, database: Database, announced: bool
) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 100_000
            yield b"x" * 100_000

    content = b"x" * (MOST_BYTES + 1) if announced else chunks()
    answer = await client.post(PATH, content=content, headers={"Stripe-Signature": "t=1,v1=x"})
    assert answer.status_code == 413
    assert read <= MOST_BYTES + 100_000
    assert stored(database) == []


async def test_an_unknown_source_is_not_found(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert (await client.post("/webhooks/nobody", content=event())).status_code == 404
    assert (await client.get(PATH)).status_code == 405
    assert stored(database) == []


async def test_what_cannot_be_stored_is_to_be_sent_again(
    app: FastAPI,
    client: httpx.AsyncClient,
    database: Database,
    environment: Callable[..., None],
) -> None:
    environment(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    present = app.state.pool
    async with make_pool() as away:
        away.timeout = 0.2
        app.state.pool = away
        try:
            answer = await send(client, event())
        finally:
            app.state.pool = present
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert stored(database) == []


async def test_what_postgresql_cannot_hold_is_replaced(
    client: httpx.AsyncClient, database: Database
) -> None:
    about = {"id": "in_\0\ud800" + "1" * 300, "object": "invoice", "customer": "cus_\udfff"}
    body = event("evt_\ud800", data={"object": about}, note=["\0", "\N{GRINNING FACE}", math.inf])
    assert (await send(client, body)).status_code == 200
    row = database.execute("SELECT * FROM webhooks_event").fetchone()
    assert row
    assert (row["customer"], row["object_id"][:6]) == ("cus_\ufffd", "in_\ufffd\ufffd1")
    assert row["payload"]["note"] == ["\ufffd", "\N{GRINNING FACE}", None]
    assert len(messages(database)) == 1


async def test_a_task_that_cannot_be_asked_for_leaves_no_event(
    client: httpx.AsyncClient, database: Database
) -> None:
    database.execute(
        "ALTER TABLE outbox_message ADD CONSTRAINT no_room CHECK (task = '') NOT VALID"
    )
    try:
        assert (await send(client, event())).status_code == 503
    finally:
        database.execute("ALTER TABLE outbox_message DROP CONSTRAINT no_room")
    assert stored(database) == []
    assert (await send(client, event())).status_code == 200
    assert (stored(database), len(messages(database))) == (["evt_1"], 1)
