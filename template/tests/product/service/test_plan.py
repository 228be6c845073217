"""Yours: what the plans limit of your product, and what of it is metered."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.billing.catalog import CATALOG
from tests.product.service.test_routes import address, make_project, names
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
MOST = CATALOG.free.limits["projects"]


@pytest.fixture
def ann(make_user: Callable[..., int]) -> int:
    return make_user("ann@example.com", name="Ann")


@pytest.fixture
def team(ann: int, make_team: Callable[..., int]) -> int:
    """A team with the free plan."""
    return make_team("Acme", owner=ann, free=True)


@pytest.fixture
async def browser(
    app: FastAPI, ann: int, make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    """Ann's."""
    async with make_client(app, token=make_token(ann)) as client:
        yield client


def counted(database: Database, team: int) -> int:
    """How many changes of the team were counted."""
    row = database.execute(
        "SELECT coalesce(sum(quantity), 0) AS n FROM billing_usage"
        " WHERE team_id = %s AND meter = 'changes'",
        [team],
    ).fetchone()
    assert row
    return int(row["n"])


async def test_a_plan_has_room_for_so_many(
    browser: httpx.AsyncClient, team: int, database: Database
) -> None:
    made = [
        (await browser.post(address(team), json={"name": f"Project {number}"})).json()["id"]
        for number in range(MOST)
    ]
    refused = await browser.post(address(team), json={"name": "One more"})
    assert (refused.status_code, refused.json()["type"]) == (402, "urn:problem:limit-reached")
    assert (refused.json()["limit"], refused.json()["most"]) == ("projects", MOST)
    # One that is archived takes no room, until it comes back.
    first = address(team, made[0])
    assert (await browser.post(f"{first}/archive")).status_code == 200
    assert (await browser.post(address(team), json={"name": "One more"})).status_code == 201
    assert (await browser.post(f"{first}/restore")).status_code == 402
    assert (await browser.patch(first, json={"name": "Renamed"})).status_code == 200
    assert len(names(database)) == MOST + 1


async def test_two_at_once_do_not_both_take_the_last_room(
    browser: httpx.AsyncClient, team: int, database: Database
) -> None:
    for _ in range(MOST - 1):
        make_project(database, team)
    answers = await asyncio.gather(
        *(browser.post(address(team), json={"name": "Last"}) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 402, 402, 402, 402]
    assert len(names(database)) == MOST
    assert counted(database, team) == 1


async def test_a_larger_plan_has_more_room(
    browser: httpx.AsyncClient, ann: int, make_team: Callable[..., int], database: Database
) -> None:
    team = make_team("Paying", owner=ann)
    for _ in range(MOST):
        make_project(database, team)
    assert (await browser.post(address(team), json={"name": "More"})).status_code == 201


async def test_every_change_is_counted_once(
    browser: httpx.AsyncClient, team: int, database: Database
) -> None:
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        made = await browser.post(address(team), json={"name": "Website"}, headers=key)
    assert counted(database, team) == 1
    path = address(team, made.json()["id"])
    assert (await browser.get(path)).status_code == 200
    assert (await browser.patch(path, json={"name": ""})).status_code == 422
    assert counted(database, team) == 1
    await browser.patch(path, json={"name": "Shop"})
    await browser.post(f"{path}/archive")
    await browser.post(f"{path}/archive")
    assert counted(database, team) == 3


async def test_an_export_is_for_those_who_pay(
    browser: httpx.AsyncClient, team: int, database: Database
) -> None:
    answer = await browser.post(address(team, "export"))
    assert (answer.status_code, answer.json()["feature"]) == (402, "export")
    assert database.execute("SELECT 1 FROM outbox_message").fetchone() is None
