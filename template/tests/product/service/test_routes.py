"""Yours: what your part of the API promises; who may do what is in `authorization.py`."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tests.service.conftest import insert, make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def team(make_user: Callable[..., int], make_team: Callable[..., int]) -> int:
    """The team that everything here is about; Ann owns it."""
    return make_team("Acme", owner=make_user("ann@example.com", name="Ann"))


@pytest.fixture
def others(make_user: Callable[..., int], make_team: Callable[..., int]) -> int:
    """Another team."""
    return make_team("Others", owner=make_user("eve@example.com", name="Eve"))


@pytest.fixture
async def ann(
    app: FastAPI, database: Database, team: int, make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    """The owner of the team."""
    row = database.execute("SELECT id FROM accounts_user WHERE name = 'Ann'").fetchone()
    assert row
    async with make_client(app, token=make_token(row["id"])) as client:
        yield client


def address(team: int, *path: object) -> str:
    """An address below the projects of a team."""
    return "/".join(map(str, ("/api/v1/teams", team, "projects", *path)))


def make_project(database: Database, team: int, name: str = "Website") -> int:
    """A project of a team."""
    now = datetime.now(UTC)
    return insert(
        database,
        "product_project",
        team_id=team,
        name=name,
        description="",
        created_at=now,
        updated_at=now,
    )


def names(database: Database) -> list[str]:
    """The projects of all teams."""
    rows = database.execute("SELECT name FROM product_project ORDER BY id").fetchall()
    return [row["name"] for row in rows]


async def test_a_project_lives(ann: httpx.AsyncClient, team: int) -> None:
    body = {"name": " Website ", "description": "one\r\ntwo"}
    made = await ann.post(address(team), json=body)
    assert made.status_code == 201
    project = made.json()
    assert (project["name"], project["created_by"]) == ("Website", "Ann")
    path = address(team, project["id"])
    assert (await ann.get(path)).json() == project
    changed = (await ann.patch(path, json={"name": "Shop"})).json()
    assert (changed["name"], changed["description"]) == ("Shop", "one\ntwo")
    assert changed["updated_at"] > project["updated_at"]
    archived = (await ann.post(f"{path}/archive")).json()
    assert (await ann.post(f"{path}/archive")).json() == archived
    assert (await ann.get(address(team))).json()["items"] == []
    aside = await ann.get(address(team), params={"archived": True})
    assert aside.json()["items"] == [archived]
    assert (await ann.post(f"{path}/restore")).json()["archived_at"] is None


async def test_a_list_is_searched_and_has_pages(
    ann: httpx.AsyncClient, team: int, database: Database
) -> None:
    for name in ("Web one", "Cellar", "Web two", "Web three", "100%"):
        make_project(database, team, name)
    wanted = {"search": "WEB", "limit": "2"}
    first = (await ann.get(address(team), params=wanted)).json()
    assert [each["name"] for each in first["items"]] == ["Web one", "Web two"]
    wanted["cursor"] = first["next_cursor"]
    second = (await ann.get(address(team), params=wanted)).json()
    assert [each["name"] for each in second["items"]] == ["Web three"]
    assert second["next_cursor"] is None
    literal = (await ann.get(address(team), params={"search": "0%"})).json()
    assert [each["name"] for each in literal["items"]] == ["100%"]


async def test_a_change_overwrites_nothing_unseen(
    ann: httpx.AsyncClient, team: int, database: Database
) -> None:
    path = address(team, make_project(database, team))
    version = (await ann.get(path)).headers["ETag"]
    assert (await ann.get(path, headers={"If-None-Match": version})).status_code == 304
    unseen = {"If-Match": version}
    changed = await ann.patch(path, json={"name": "Shop"}, headers=unseen)
    assert changed.status_code == 200
    late = await ann.patch(path, json={"name": "Cellar"}, headers=unseen)
    assert late.status_code == 412
    assert (await ann.get(path)).headers["ETag"] == changed.headers["ETag"] != version
    assert names(database) == ["Shop"]


async def test_a_repeated_request_makes_one_project(
    ann: httpx.AsyncClient, team: int, database: Database
) -> None:
    key = {"Idempotency-Key": "once"}
    first = await ann.post(address(team), json={"name": "Website"}, headers=key)
    again = await ann.post(address(team), json={"name": "Website"}, headers=key)
    assert (again.json(), again.headers["ETag"]) == (first.json(), first.headers["ETag"])
    assert names(database) == ["Website"]


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x", "team_id": 1}, {"name": "\n"}])
async def test_what_is_not_offered_is_not_written(
    body: dict[str, Any], ann: httpx.AsyncClient, team: int, database: Database
) -> None:
    answer = await ann.post(address(team), json=body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert names(database) == []


async def test_the_rows_of_another_team_do_not_exist(
    ann: httpx.AsyncClient, team: int, others: int, database: Database
) -> None:
    secret = make_project(database, others, "Secret")
    for where in (team, others):
        path = address(where, secret)
        assert (await ann.get(path)).status_code == 404
        assert (await ann.patch(path, json={"name": "Mine"})).status_code == 404
        assert (await ann.post(f"{path}/archive")).status_code == 404
    assert (await ann.get(address(others))).status_code == 404
    assert (await ann.post(address(others), json={"name": "Mine"})).status_code == 404
    assert (await ann.get(address(team))).json()["items"] == []
    assert names(database) == ["Secret"]


async def test_an_export_is_asked_for_once_a_minute(
    ann: httpx.AsyncClient, team: int, database: Database
) -> None:
    for _ in range(2):
        assert (await ann.post(address(team, "export"))).status_code == 202
    (asked,) = database.execute("SELECT task, team_id FROM outbox_message").fetchall()
    assert asked == {"task": "product.export_projects", "team_id": team}
