from collections.abc import Callable

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.tokens import digest, new_token
from service.identity.dependencies import CurrentCaller, CurrentPrincipal
from tests.service.conftest import make_client
from tests.service.schema import WHO_AM_I

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ["session", "page"])
async def test_a_valid_token_opens_the_door(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str], kind: str
) -> None:
    user_id = make_user("ann@example.com")
    async with make_client(app, token=make_token(user_id, kind=kind)) as ann:
        answer = await ann.get(WHO_AM_I)
    assert answer.status_code == 200
    assert answer.json()["id"] == user_id
    assert answer.json()["email"] == "ann@example.com"


async def test_every_wrong_token_gets_the_same_answer(
    app: FastAPI,
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    user_id = make_user()
    good = make_token(user_id)
    revoked = make_token(user_id)
    database.execute("DELETE FROM accounts_accesstoken WHERE digest = %s", [digest(revoked)])
    locked_out = make_token(make_user("gone@example.com", is_active=False))
    wrong = {
        "never issued": new_token("session"),
        "expired": make_token(user_id, hours=-0.001),
        "revoked": revoked,
        "of a user who is locked out": locked_out,
        "the digest": digest(good),
        "half": good[:-1],
        "longer": good + "x",
        "not ASCII": "sessión",
    }
    answers = set()
    for token in wrong.values():
        async with make_client(app) as client:
            headers = {b"Authorization": f"Bearer {token}".encode()}
            answer = await client.get(WHO_AM_I, headers=headers)
        document = answer.json()
        document.pop("request_id")
        answers.add((answer.status_code, answer.headers["WWW-Authenticate"], str(document)))
    assert len(answers) == 1
    status, challenge, document = answers.pop()
    assert status == 401
    assert challenge == 'Bearer error="invalid_token"'
    assert "ann" not in document


async def test_without_a_token_the_challenge_names_no_error(client: httpx.AsyncClient) -> None:
    answer = await client.get(WHO_AM_I)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_use_is_noted_at_most_once_a_minute(
    app: FastAPI,
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    def last_used() -> object:
        row = database.execute("SELECT last_used_at FROM accounts_accesstoken").fetchone()
        assert row
        return row["last_used_at"]

    async with make_client(app, token=make_token(make_user())) as ann:
        await ann.get(WHO_AM_I)
        first = last_used()
        await ann.get(WHO_AM_I)
        assert first is not None
        assert last_used() == first
        database.execute(
            "UPDATE accounts_accesstoken SET last_used_at = last_used_at - interval '61 seconds'"
        )
        await ann.get(WHO_AM_I)
    assert last_used() >= first  # type: ignore[operator]


async def test_whoever_is_asked_for_twice_in_a_request_is_looked_up_once(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    async def asked_twice(caller: CurrentCaller, principal: CurrentPrincipal) -> bool:
        return caller is principal

    app.router.add_api_route("/twice", asked_twice)
    try:
        async with make_client(app, token=make_token(make_user())) as client:
            assert (await client.get("/twice")).json() is True
    finally:
        app.router.routes.pop()
