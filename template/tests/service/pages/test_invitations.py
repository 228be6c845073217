"""The page that the mail of an invitation leads to."""

from collections.abc import Callable

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.tokens import digest
from service.identity.cookie import cookie_name
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

PATH = "/invitations/accept"
TOKEN = "invite_x"
OURS = {"Origin": "http://testserver"}


@pytest.fixture
def team_id(
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
    make_team: Callable[..., int],
) -> int:
    """A team that Bob is invited to."""
    team_id = make_team("<b>Acme</b>", owner=make_user("ann@example.com", name="Ann"))
    database.execute(
        "INSERT INTO teams_invitation (team_id, email, role, digest, created_at, expires_at)"
        " VALUES (%s, 'bob@example.com', 'member', %s, now(), now() + interval '1 day')",
        [team_id, digest(TOKEN)],
    )
    return team_id


def browser(app: FastAPI, token: str) -> httpx.AsyncClient:
    client = make_client(app)
    client.cookies.set(cookie_name(), token)
    return client


async def test_the_page_explains_and_looking_changes_nothing(
    client: httpx.AsyncClient, team_id: int
) -> None:
    answer = await client.get(PATH, params={"token": TOKEN})
    assert answer.status_code == 200
    assert "bob@example.com" in answer.text
    assert "<button" not in answer.text
    assert "<b>Acme" not in answer.text
    wrong = await client.get(PATH, params={"token": "invite_y"})
    assert wrong.status_code == 404
    assert "Acme" not in wrong.text


async def test_a_browser_with_a_session_joins_by_the_button(
    app: FastAPI,
    database: psycopg.Connection[dict[str, object]],
    team_id: int,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    bob, eve = make_user("bob@example.com"), make_user("eve@example.com")
    form = {"token": TOKEN}
    async with browser(app, make_token(eve)) as other:
        assert (await other.post(PATH, data=form, headers=OURS)).status_code == 404
    async with browser(app, make_token(bob)) as own:
        assert "<button" in (await own.get(PATH, params=form)).text
        assert (await own.post(PATH, data=form)).status_code == 403
        foreign = {"Origin": "https://evil.example"}
        assert (await own.post(PATH, data=form, headers=foreign)).status_code == 403
        assert (await own.post(PATH, data=form, headers=OURS)).status_code == 200
    joined = database.execute(
        "SELECT user_id FROM teams_membership WHERE team_id = %s AND role = 'member'", [team_id]
    )
    assert joined.fetchall() == [{"user_id": bob}]


async def test_without_a_session_nobody_joins(client: httpx.AsyncClient, team_id: int) -> None:
    answer = await client.post(PATH, data={"token": TOKEN}, headers=OURS)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/html")
