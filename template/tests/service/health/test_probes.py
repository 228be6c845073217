from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from core.tasks import PurgeExpired
from sandbox.ports import free_port
from service.health import routes
from service.pool import make_pool
from service.queue import enqueue
from tests import PATIENCE

pytestmark = pytest.mark.anyio


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy is no reason to answer that something is down."""
    monkeypatch.setattr(routes, "TIMEOUT", PATIENCE)


@pytest.mark.usefixtures("patient")
async def test_ready_when_database_and_broker_answer(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "broker": "ok"}


@pytest.mark.usefixtures("patient")
async def test_ready_says_how_the_queue_is_doing(
    app: FastAPI,
    client: httpx.AsyncClient,
) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    async with app.state.pool.connection() as connection:
        await enqueue(connection, PurgeExpired())
        await enqueue(connection, PurgeExpired(), run_at=later)
    queue = (await client.get("/readyz")).json()["queue"]
    assert queue.pop("oldest_unpublished") >= 0
    assert queue.pop("workers") >= 0
    assert queue == {"unpublished": 1, "later": 1, "published": 0, "dead_letters": 0}


@pytest.mark.parametrize(
    ("variable", "url", "down"),
    [
        ("REDIS_URL", "redis://:secret-word@{}/0", "broker"),
        ("DATABASE_URL", "postgresql://app:secret-word@{}/app", "database"),
    ],
)
async def test_what_is_down_is_named_without_secrets(
    app: FastAPI,
    client: httpx.AsyncClient,
    environment: Callable[..., None],
    variable: str,
    url: str,
    down: str,
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    environment(**{variable: url.format(nobody)})
    broken = make_pool()
    await broken.open()
    working, app.state.pool = app.state.pool, broken
    try:
        answer = await client.get("/readyz")
        alive = await client.get("/healthz")
    finally:
        app.state.pool = working
        await broken.close()
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    checks = answer.json()["checks"]
    assert [name for name, state in checks.items() if state == "down"] == [down]
    assert "secret-word" not in answer.text
    assert nobody not in answer.text
    assert alive.status_code == 200
