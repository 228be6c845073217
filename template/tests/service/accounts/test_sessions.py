from collections.abc import Callable

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.tasks import PurgeExpired
from core.tokens import digest
from service.accounts.tasks import purge_expired
from service.tasks import WorkerDatabase, engine
from tests.service.accounts.conftest import API, log_in, post
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio


async def test_only_the_digest_of_a_token_is_stored(
    client: httpx.AsyncClient,
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
) -> None:
    make_user()
    token = await log_in(client)
    row = database.execute("SELECT * FROM accounts_accesstoken").fetchone()
    assert row
    assert row["digest"] == digest(token)
    assert token not in str(row)
    assert str(row["ip_address"]) == "192.0.2.1"


async def test_logout_ends_the_session_at_once(
    client: httpx.AsyncClient, app: FastAPI, make_user: Callable[..., int]
) -> None:
    make_user()
    async with make_client(app, token=await log_in(client)) as ann:
        assert (await post(ann, "/logout")).status_code == 204
        assert (await ann.get(f"{API}/me")).status_code == 401


async def test_a_user_lists_and_ends_only_their_own_sessions(
    client: httpx.AsyncClient,
    app: FastAPI,
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
) -> None:
    user_id = make_user("ann@example.com")
    make_user("bob@example.com")
    phone, laptop = await log_in(client), await log_in(client)
    bob_token = await log_in(client, "bob@example.com")
    async with make_client(app, token=laptop) as ann, make_client(app, token=bob_token) as bob:
        listed = (await ann.get(f"{API}/sessions")).json()
        assert [session["current"] for session in listed] == [True, False]
        assert not any(token in str(listed) for token in (phone, laptop, digest(phone)))
        phone_id = listed[1]["id"]
        assert (await bob.delete(f"{API}/sessions/{phone_id}")).status_code == 404
        assert (await ann.delete(f"{API}/sessions/{phone_id}")).status_code == 204
        assert (await ann.delete(f"{API}/sessions/{phone_id}")).status_code == 404
        noted = database.execute("SELECT action, target_id FROM audit_entry ORDER BY id DESC")
        assert noted.fetchone() == {"action": "account.session_ended", "target_id": user_id}
        async with make_client(app, token=phone) as lost:
            assert (await lost.get(f"{API}/me")).status_code == 401
        assert len((await ann.get(f"{API}/sessions")).json()) == 1
        assert (await bob.get(f"{API}/me")).status_code == 200


async def test_all_other_sessions_end_together(
    client: httpx.AsyncClient, app: FastAPI, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com")
    make_user("bob@example.com")
    others = [await log_in(client), await log_in(client)]
    bob = await log_in(client, "bob@example.com")
    async with make_client(app, token=await log_in(client)) as ann:
        assert (await ann.delete(f"{API}/sessions")).status_code == 204
        assert (await ann.get(f"{API}/me")).status_code == 200
    for token, status in [*((token, 401) for token in others), (bob, 200)]:
        async with make_client(app, token=token) as client_:
            assert (await client_.get(f"{API}/me")).status_code == status


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "x"])
async def test_an_impossible_session_is_a_bad_request(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str], number: str
) -> None:
    async with make_client(app, token=make_token(make_user())) as ann:
        assert (await ann.delete(f"{API}/sessions/{number}")).status_code == 422


@pytest.mark.parametrize("field", ["is_staff", "is_superuser", "email", "password", "id"])
async def test_people_change_their_name_and_nothing_else(
    app: FastAPI,
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    field: str,
) -> None:
    async with make_client(app, token=make_token(make_user())) as ann:
        before = database.execute("SELECT * FROM accounts_user").fetchone()
        answer = await ann.patch(f"{API}/me", json={"name": "Dee", field: "1"})
        assert answer.status_code == 422
        assert database.execute("SELECT * FROM accounts_user").fetchone() == before
        answer = await ann.patch(f"{API}/me", json={"name": "  Dee "})
        assert answer.json()["name"] == "Dee"


async def test_purging_deletes_what_has_expired_and_nothing_else(
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    user_id = make_user()
    make_token(user_id, hours=-1)
    good = make_token(user_id, hours=1)
    with WorkerDatabase().begin() as transaction:
        purge_expired(PurgeExpired(), transaction.session)
    engine().dispose()
    rows = database.execute("SELECT digest FROM accounts_accesstoken").fetchall()
    assert [row["digest"] for row in rows] == [digest(good)]
