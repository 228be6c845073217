"""Each caller has calls of their own, and every answer says how many are left."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from core.api import limits
from core.api.limits import Budget
from sandbox.ports import free_port
from service.api import budgets
from service.api.budgets import Budgets
from service.limits import Limiter
from tests.service.conftest import make_client
from tests.service.teams.conftest import API, Acme, acme

pytestmark = pytest.mark.anyio

__all__ = ["acme"]


async def test_who_calls_too_often_waits_and_nobody_else_does(
    app: FastAPI, acme: Acme, make_key: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A window that does not end during the test.
    monkeypatch.setattr(budgets, "CALLS", Budget("calls", amount=2, seconds=10_000_000))
    answers = [await acme.ask("owner", "GET") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert answers[2].headers["Content-Type"] == "application/problem+json"
    assert (await acme.ask("member", "GET")).status_code == 200
    async with make_client(app, token=make_key(acme.id)) as program:
        assert (await program.get(f"{API}/teams/{acme.id}")).status_code == 200


async def test_without_valkey_everybody_works(
    environment: Callable[..., None],
) -> None:
    environment(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    limiter = Limiter()
    with capture_logs() as logs:
        assert await Budgets(limiter).count(limits.CALLS, "user:1", 0.0) == 0
    await limiter.close()
    assert [line["event"] for line in logs] == ["limit not counted"]
