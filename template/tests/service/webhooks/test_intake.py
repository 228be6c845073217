"""What a source signed is stored once, with its task; whatever else comes leaves nothing behind."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from core.sources import SOURCES
from core.webhooks.tasks import HandleEvent
from tests.core.webhooks.sending import (
    ACME,
    BOTH,
    HUB,
    OTHER,
    VARIABLE,
    Delivery,
    body_of,
    delivery,
)
from tests.service.outbox.rows import messages

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture(autouse=True)
def sources(
    database: Database, environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests' own sources, with their secrets, and a ledger with nothing in it."""
    environment(WEBHOOK_SECRETS=VARIABLE)
    for source in BOTH:
        monkeypatch.setitem(SOURCES, source.name, source)
    database.execute("TRUNCATE outbox_message, webhooks_event")


async def send(client: httpx.AsyncClient, sent: Delivery, name: str = "") -> int:
    """Deliver it; answers the status."""
    headers = {key.encode(): value.encode("latin-1") for key, value in sent.headers.items()}
    url = f"/webhooks/{name or sent.source.name}"
    answer = await client.post(url, content=sent.body, headers=headers)
    return answer.status_code


def stored(database: Database) -> list[tuple[str, str]]:
    """Source and type of each event."""
    rows = database.execute("SELECT source, type FROM webhooks_event ORDER BY id").fetchall()
    return [(row["source"], row["type"]) for row in rows]


@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
async def test_an_event_is_stored_once_with_its_task(
    client: httpx.AsyncClient, database: Database, source: Any
) -> None:
    sent = delivery(source)
    assert set(await asyncio.gather(*(send(client, sent) for _ in range(5)))) == {200}
    assert stored(database) == [(source.name, "order.paid")]
    ((task, _),) = messages(database)
    assert task == HandleEvent.name
    assert await send(client, delivery(source)) == 200
    assert len(stored(database)) == len(messages(database)) == 2


@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
async def test_what_is_not_believed_is_not_stored(
    client: httpx.AsyncClient, database: Database, source: Any
) -> None:
    sent = delivery(source)
    for bad in (
        Delivery(source, sent.body + b" ", sent.headers),
        Delivery(source, sent.body, {}),
        delivery(source, secret=OTHER),
    ):
        assert await send(client, bad) == 400
    other = next(each for each in BOTH if each is not source)
    assert await send(client, sent, other.name) == 400
    assert await send(client, sent, "nobody") == 404
    assert (stored(database), messages(database)) == ([], [])


async def test_a_source_says_how_large_a_body_may_be(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert await send(client, delivery(HUB, body_of(note="x" * 2_900_000))) == 200
    for source, size in ((ACME, 1_000_000), (HUB, 3_000_000)):
        assert await send(client, delivery(source, body_of(note="x" * size))) == 413
    assert len(stored(database)) == 1


async def test_what_a_source_without_a_secret_sends_is_to_be_sent_again(
    client: httpx.AsyncClient, database: Database, environment: Callable[..., None]
) -> None:
    sent = [delivery(source) for source in BOTH]
    environment(WEBHOOK_SECRETS="else=secret")
    assert {await send(client, each) for each in sent} == {503}
    assert stored(database) == []


HOSTILE = ("\xff\xfe", "v1,", "v1,\xe9", "v1," * 20_000, "sha256=\xff", "-1", "1e9", "9" * 5000)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_headers_are_refused_and_no_failure(
    client: httpx.AsyncClient, database: Database, value: str
) -> None:
    for source in BOTH:
        sent = delivery(source)
        whole = Delivery(source, sent.body, dict.fromkeys(sent.headers, value))
        assert await send(client, whole) == 400
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        sent = delivery(ACME)
        assert await send(client, Delivery(ACME, sent.body, {**sent.headers, name: value})) == 400
    assert stored(database) == []
