"""A page of prices can be drawn without a login, from the plans that the API lists."""

import pytest
from fastapi import FastAPI

from core.api.limits import Budget
from service.api import budgets
from tests.service.conftest import make_client
from tests.service.teams.conftest import API

pytestmark = pytest.mark.anyio


async def test_plans_are_for_anybody_whatever_they_send(app: FastAPI) -> None:
    async with make_client(app) as stranger, make_client(app, token="session_gone") as former:
        known = await stranger.get(f"{API}/plans")
        assert known.status_code == 200
        assert known.json()["plans"]
        assert (await former.get(f"{API}/plans")).content == known.content


async def test_who_asks_too_often_waits_and_nobody_elsewhere_does(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "CALLS", Budget("plans", amount=2, seconds=10_000_000))
    async with make_client(app, ip="192.0.2.1") as here:
        answers = [await here.get(f"{API}/plans") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    async with make_client(app, ip="192.0.2.2") as elsewhere:
        assert (await elsewhere.get(f"{API}/plans")).status_code == 200
