"""Conversations are a person's own, in a team that they belong to."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tests.service.assistant.authorization import furnish_assistant
from tests.service.conftest import add_member, make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def ann(make_user: Callable[..., int]) -> int:
    return make_user("ann@example.com")


@pytest.fixture
def team(ann: int, make_team: Callable[..., int]) -> int:
    return make_team("Acme", owner=ann)


@pytest.fixture
async def client(
    app: FastAPI, ann: int, make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    async with make_client(app, token=make_token(ann)) as client:
        yield client


def address(team: int) -> str:
    """Where the conversations of a team are."""
    return f"/assistant/teams/{team}/conversations"


async def test_the_newest_come_first_a_page_at_a_time(client: httpx.AsyncClient, team: int) -> None:
    for number in range(5):
        made = await client.post(address(team), json={"title": f"Talk {number}"})
        assert made.status_code == 201
    found, cursor = [], None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await client.get(address(team), params=query)).json()
        found += [each["title"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [f"Talk {number}" for number in (4, 3, 2, 1, 0)]


async def test_what_was_said_is_read_and_deleted(
    client: httpx.AsyncClient, team: int, ann: int, database: Database
) -> None:
    talk = furnish_assistant(database, team, ann, "word")["conversation_id"]
    told = (await client.get(f"{address(team)}/{talk}")).json()
    assert [(each["role"], each["content"]) for each in told["messages"]] == [
        ("user", "word user"),
        ("assistant", "word assistant"),
    ]
    assert (await client.delete(f"{address(team)}/{talk}")).status_code == 204
    assert (await client.get(f"{address(team)}/{talk}")).status_code == 404
    assert not database.execute("SELECT FROM assistant_message").fetchall()


@pytest.mark.parametrize("content", ["", " \n ", "a\0b", "x" * 32_001, "\ud800"])
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, team: int, ann: int, database: Database, content: str
) -> None:
    talk = furnish_assistant(database, team, ann, "word")["conversation_id"]
    body = f'{{"content": {json.dumps(content)}}}'
    answer = await client.post(f"{address(team)}/{talk}/messages", content=body)
    assert answer.status_code == 422


async def test_staff_who_act_as_somebody_neither_read_nor_write(
    app: FastAPI,
    team: int,
    ann: int,
    database: Database,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    talk = furnish_assistant(database, team, ann, "word")["conversation_id"]
    staff = make_user("staff@example.com", is_staff=True, is_superuser=True)
    token = make_token(ann, kind="impersonation", impersonator_id=staff)
    async with make_client(app, token=token) as client:
        for method, path, body in (
            ("GET", "", None),
            ("POST", "", {}),
            ("GET", f"/{talk}", None),
            ("POST", "/messages", {"content": "Why?"}),
            ("POST", f"/{talk}/messages", {"content": "Why?"}),
            ("DELETE", f"/{talk}", None),
        ):
            answer = await client.request(method, address(team) + path, json=body)
            assert answer.status_code == 403
            assert "word" not in answer.text


async def test_who_left_the_team_reads_nothing_there(
    client: httpx.AsyncClient,
    ann: int,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
) -> None:
    others = make_team("Others", owner=make_user("bob@example.com"))
    talk = furnish_assistant(database, others, ann, "word")["conversation_id"]
    assert (await client.get(f"{address(others)}/{talk}")).status_code == 404
    add_member(database, others, ann, "member")
    assert (await client.get(f"{address(others)}/{talk}")).status_code == 200
