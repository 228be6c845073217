import socket

import httpx
import pytest
from fastapi import FastAPI

from core import env
from service.pool import make_pool

pytestmark = pytest.mark.anyio


@pytest.fixture
def nobody() -> str:
    """An address where nobody answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


async def test_ready_when_database_and_broker_answer(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "broker": "ok"}


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
    monkeypatch: pytest.MonkeyPatch,
    nobody: str,
    variable: str,
    url: str,
    down: str,
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(variable, url.format(nobody))
        env._load.cache_clear()
        broken = make_pool()
        await broken.open()
        working, app.state.pool = app.state.pool, broken
        try:
            answer = await client.get("/readyz")
            alive = await client.get("/healthz")
        finally:
            app.state.pool = working
            await broken.close()
    env._load.cache_clear()
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    checks = answer.json()["checks"]
    assert [name for name, state in checks.items() if state == "down"] == [down]
    assert "secret-word" not in answer.text
    assert nobody not in answer.text
    assert alive.status_code == 200
