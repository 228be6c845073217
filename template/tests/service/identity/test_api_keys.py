"""An API key is a principal of one team, and never a person."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from core.audit import SYSTEM, current_actor
from core.tokens import digest, new_token
from service.identity.cookie import cookie_name
from service.identity.dependencies import CurrentPrincipal, KeyCaller
from tests.service.conftest import make_client
from tests.service.schema import WHO_AM_I

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def who(app: FastAPI) -> Iterator[str]:
    """A route for people and programs; it says who calls and who stands in the audit log."""

    async def who(principal: CurrentPrincipal) -> dict[str, Any]:
        actor = current_actor()
        team_id = principal.team_id if isinstance(principal, KeyCaller) else None
        return {
            "id": principal.id,
            "team_id": team_id,
            "actor": [actor.kind, actor.id, actor.impersonator_id, actor.ip_address],
        }

    app.router.add_api_route("/who", who)
    yield "/who"
    app.router.routes.pop()


async def test_a_key_is_known_by_its_digest_and_acts_for_its_team(
    app: FastAPI,
    database: Database,
    make_team: Callable[..., int],
    make_key: Callable[..., str],
    who: str,
) -> None:
    team_id = make_team()
    key = make_key(team_id)
    row = database.execute("SELECT * FROM teams_apikey").fetchone()
    assert row
    assert key not in str(row)
    async with make_client(app, token=key) as program:
        answer = (await program.get(who)).json()
    assert answer["team_id"] == team_id
    assert answer["actor"] == ["api_key", row["id"], None, "192.0.2.1"]
    assert current_actor() == SYSTEM


async def test_a_person_acts_as_themselves_and_staff_is_named_beside_them(
    app: FastAPI,
    database: Database,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    who: str,
) -> None:
    ann, staff = make_user(), make_user("staff@example.com", is_staff=True, is_superuser=True)
    token = make_token(ann, kind="impersonation", impersonator_id=staff)
    async with make_client(app, token=make_token(ann)) as person:
        assert (await person.get(who)).json()["actor"] == ["user", ann, None, "192.0.2.1"]
    async with make_client(app, token=token) as support:
        assert (await support.get(who)).json()["actor"] == ["user", ann, staff, "192.0.2.1"]
        # Who may not do it any more does not do it any more.
        database.execute("UPDATE accounts_user SET is_superuser = false WHERE id = %s", [staff])
        assert (await support.get(who)).status_code == 401


async def test_every_wrong_key_gets_the_answer_of_a_wrong_token(
    app: FastAPI, make_team: Callable[..., int], make_key: Callable[..., str], who: str
) -> None:
    team_id, past = make_team(), datetime.now(UTC) - timedelta(seconds=1)
    good = make_key(team_id)
    wrong = (
        make_key(team_id, expires_at=past),
        make_key(team_id, revoked_at=past),
        new_token("key"),
        digest(good),
        good[:-1],
        good.removeprefix("key_"),
        new_token("session"),
    )
    answers = set()
    for token in wrong:
        async with make_client(app, token=token) as program:
            answer = await program.get(who)
        document = answer.json()
        document.pop("request_id")
        answers.add((answer.status_code, answer.headers["WWW-Authenticate"], str(document)))
    assert len(answers) == 1
    assert answers.pop()[0] == 401


async def test_what_is_for_people_is_refused_to_a_key(
    app: FastAPI, make_team: Callable[..., int], make_key: Callable[..., str]
) -> None:
    async with make_client(app, token=make_key(make_team(), "read", "write")) as program:
        answer = await program.get(WHO_AM_I)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:problem:person-required"


async def test_a_key_is_no_cookie(
    app: FastAPI, make_team: Callable[..., int], make_key: Callable[..., str], who: str
) -> None:
    async with make_client(app) as browser:
        browser.cookies.set(cookie_name(), make_key(make_team()))
        assert (await browser.get(who)).status_code == 401


async def test_the_use_of_a_key_is_noted_at_most_once_a_minute(
    app: FastAPI,
    database: Database,
    make_team: Callable[..., int],
    make_key: Callable[..., str],
    who: str,
) -> None:
    def last_used() -> Any:
        row = database.execute("SELECT last_used_at FROM teams_apikey").fetchone()
        assert row
        return row["last_used_at"]

    async with make_client(app, token=make_key(make_team())) as program:
        await program.get(who)
        first = last_used()
        await program.get(who)
        assert first is not None
        assert last_used() == first
        database.execute(
            "UPDATE teams_apikey SET last_used_at = last_used_at - interval '61 seconds'"
        )
        await program.get(who)
    assert last_used() >= first
