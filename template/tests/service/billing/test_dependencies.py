"""A route below a team is reached if the team's plan has what the route needs."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from core.billing.catalog import CATALOG
from service.billing.dependencies import CurrentEntitlements, requires_feature
from tests.service.conftest import make_client

Database = psycopg.Connection[dict[str, Any]]
Ask = Callable[..., Any]

MOST = CATALOG.plans[-1].code
SOLD = sorted(CATALOG.plans[-1].features - CATALOG.free.features)
FEATURE = SOLD[0] if SOLD else ""
pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not SOLD, reason="no feature is sold")]


@pytest.fixture(autouse=True)
def routes(app: FastAPI) -> Iterator[None]:
    async def plan(entitled: CurrentEntitlements) -> str:
        return entitled.plan.code

    app.router.add_api_route("/teams/{team_id}/plan", plan)
    app.router.add_api_route(
        "/teams/{team_id}/reports", plan, dependencies=[requires_feature(FEATURE)]
    )
    yield
    del app.router.routes[-2:]


async def ask(app: FastAPI, token: str, team: int, what: str) -> tuple[int, Any]:
    async with make_client(app, token=token) as client:
        answer = await client.get(f"/teams/{team}/{what}")
    return answer.status_code, answer.json()


async def test_the_plan_decides(
    app: FastAPI,
    database: Database,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    make_team: Callable[..., int],
    make_key: Callable[..., str],
) -> None:
    ann = make_user()
    token = make_token(ann)
    free, paying = make_team("Free", free=True, owner=ann), make_team("Paying", owner=ann)
    assert await ask(app, token, free, "plan") == (200, CATALOG.free.code)
    for each in (token, make_key(free)):
        status, problem = await ask(app, each, free, "reports")
        assert (status, problem["type"]) == (402, "urn:problem:plan-required")
        plans = CATALOG.upgrades(FEATURE)
        assert (problem["feature"], problem["plans"]) == (FEATURE, [each.code for each in plans])
        assert all(each.name in problem["detail"] for each in plans)
    assert await ask(app, token, paying, "plan") == (200, MOST)
    assert await ask(app, token, paying, "reports") == (200, MOST)
    assert await ask(app, make_key(paying), paying, "reports") == (200, MOST)
    # It is over this moment, whatever else is still said of it.
    database.execute("UPDATE billing_subscription SET ended_at = now()")
    assert (await ask(app, token, paying, "reports"))[0] == 402


async def test_who_is_not_in_the_team_does_not_learn_its_plan(
    app: FastAPI,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    make_team: Callable[..., int],
) -> None:
    team = make_team(free=True, owner=make_user())
    stranger = make_token(make_user("eve@example.com"))
    for what in ("plan", "reports"):
        assert (await ask(app, stranger, team, what))[0] == 404
        assert (await ask(app, "", team, what))[0] == 401
