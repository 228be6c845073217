"""Logins that ask for more than a password."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.encryption import encrypt
from sandbox.mailbox.mail import CaughtMail
from sandbox.ports import free_port
from service.accounts.challenges import Challenges
from tests.service.accounts.conftest import API, log_in, post
from tests.service.accounts.factors import (
    add_passkey,
    app_code,
    let_time_pass,
    set_up_app,
    waiting,
)
from tests.service.accounts.test_login_codes import ask, code_in
from tests.service.conftest import PASSWORD, make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
WaitForMail = Callable[..., Awaitable[CaughtMail]]


@pytest.fixture
async def ann(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has just logged in."""
    async with make_client(app, token=make_token(make_user())) as client:
        yield client


async def test_a_login_asks_for_the_code_of_the_app(
    app: FastAPI, client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    secret, _ = await set_up_app(ann)
    document = await waiting(client)
    assert document["kinds"] == ["code", "recovery_code"]
    assert "token" not in document
    challenge = document["challenge"]
    # The challenge opens nothing by itself.
    async with make_client(app, token=challenge) as other:
        assert (await other.get(f"{API}/me")).status_code == 401
    answer = await post(client, "/second-factor", challenge=challenge, code=app_code(secret))
    assert answer.status_code == 200, answer.text
    async with make_client(app, token=answer.json()["token"]) as phone:
        assert (await phone.get(f"{API}/me")).json()["email"] == "ann@example.com"
    # Once.
    again = await post(
        client, "/second-factor", challenge=challenge, code=app_code(secret, steps=1)
    )
    assert again.status_code == 401
    assert again.json()["type"] == "urn:problem:bad-challenge"


async def test_a_wrong_password_says_nothing_about_a_second_factor(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    await set_up_app(ann)
    answer = await post(client, "/login", email="ann@example.com", password="wrong")
    assert answer.json()["type"] == "urn:problem:wrong-credentials"


async def test_a_mailed_code_does_not_stand_in_for_the_second_factor(
    client: httpx.AsyncClient, ann: httpx.AsyncClient, mail: WaitForMail
) -> None:
    secret, _ = await set_up_app(ann)
    challenge = await ask(client)
    code = code_in(await mail("ann@example.com", "code"))
    answer = await post(client, "/code/login", challenge=challenge, code=code)
    assert answer.status_code == 401
    document = answer.json()
    assert document["type"] == "urn:problem:second-factor-required"
    done = await post(
        client, "/second-factor", challenge=document["challenge"], code=app_code(secret)
    )
    assert done.status_code == 200


async def test_a_code_of_the_app_is_good_once_however_many_reach_for_it(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    secret, _ = await set_up_app(ann)
    challenges = [(await waiting(client))["challenge"] for _ in range(4)]
    code = app_code(secret)
    answers = await asyncio.gather(
        *(post(client, "/second-factor", challenge=one, code=code) for one in challenges)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    # The code that set the app up was used, too.
    last = (await waiting(client))["challenge"]
    old = await post(client, "/second-factor", challenge=last, code=app_code(secret, steps=-1))
    assert old.status_code == 401


async def test_a_recovery_code_is_good_once_however_many_reach_for_it(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    _, codes = await set_up_app(ann)
    assert len(set(codes)) == 10
    challenges = [(await waiting(client))["challenge"] for _ in range(4)]
    answers = await asyncio.gather(
        *(
            post(client, "/second-factor", challenge=one, recovery_code=codes[3])
            for one in challenges
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert (await ann.get(f"{API}/me/second-factor")).json() == {
        "totp": True,
        "passkeys": 0,
        "recovery_codes_left": 9,
    }


async def test_the_sixth_try_fails_even_with_the_right_code(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    secret, codes = await set_up_app(ann)
    challenge = (await waiting(client))["challenge"]
    for _ in range(5):
        answer = await post(client, "/second-factor", challenge=challenge, recovery_code="0" * 9)
        assert answer.json()["type"] == "urn:problem:wrong-second-factor"
    for proof in ({"code": app_code(secret)}, {"recovery_code": codes[0]}):
        answer = await post(client, "/second-factor", challenge=challenge, **proof)
        assert answer.json()["type"] == "urn:problem:bad-challenge"


async def test_guesses_from_everywhere_end_and_lock_nobody_else_out(
    app: FastAPI,
    client: httpx.AsyncClient,
    ann: httpx.AsyncClient,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    await set_up_app(ann)
    key = await add_passkey(ann)
    async with make_client(app, token=make_token(make_user("bob@example.com"))) as bob:
        bobs, _ = await set_up_app(bob)
    statuses = []
    for number in range(7):
        # Somebody knows the password, and has many addresses.
        async with make_client(app, ip=f"203.0.113.{number}") as attacker:
            challenge = (await waiting(attacker))["challenge"]
            for _ in range(5):
                answer = await post(attacker, "/second-factor", challenge=challenge, code="000000")
                statuses.append(answer.status_code)
    assert statuses == [401] * 30 + [429] * 5
    # The passkey cannot be guessed, so its owner gets in, and so does everybody else.
    document = await waiting(client)
    proof = key.use(document["public_key"])
    answer = await post(client, "/second-factor", challenge=document["challenge"], credential=proof)
    assert answer.status_code == 200, answer.text
    document = await waiting(client, "bob@example.com")
    answer = await post(
        client, "/second-factor", challenge=document["challenge"], code=app_code(bobs)
    )
    assert answer.status_code == 200


async def test_a_changed_password_ends_the_login_that_waits(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    secret, _ = await set_up_app(ann)
    challenge = (await waiting(client))["challenge"]
    body = {"current_password": PASSWORD, "new_password": "quiet harbour lantern"}
    assert (await ann.post(f"{API}/auth/password/change", json=body)).status_code == 200
    answer = await post(client, "/second-factor", challenge=challenge, code=app_code(secret))
    assert answer.json()["type"] == "urn:problem:bad-challenge"


@pytest.mark.parametrize(
    "proof", [{}, {"code": "123456", "recovery_code": "12345678"}, {"password": "x"}]
)
async def test_exactly_one_proof_is_taken(client: httpx.AsyncClient, proof: dict[str, str]) -> None:
    answer = await post(client, "/second-factor", challenge="x", **proof)
    assert answer.status_code == 422


async def test_the_secret_is_stored_encrypted_and_told_once(
    ann: httpx.AsyncClient, database: Database, mail: WaitForMail
) -> None:
    secret, codes = await set_up_app(ann)
    stored = str(database.execute("SELECT data FROM mfa_authenticator").fetchall())
    assert secret not in stored
    assert not any(code in stored for code in codes)
    assert "authenticator app was added" in (await mail("ann@example.com", "sign in")).text
    again = await ann.post(f"{API}/me/second-factor/totp/setup")
    answer = await ann.post(
        f"{API}/me/second-factor/totp",
        json={
            "challenge": again.json()["challenge"],
            "code": app_code(again.json()["secret"]),
        },
    )
    assert answer.status_code == 409


async def test_a_wrong_first_code_turns_nothing_on(
    ann: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    setup = (await ann.post(f"{API}/me/second-factor/totp/setup")).json()
    assert setup["uri"].startswith("otpauth://totp/")
    wrong = {"challenge": setup["challenge"], "code": app_code(setup["secret"], steps=9)}
    answer = await ann.post(f"{API}/me/second-factor/totp", json=wrong)
    assert answer.status_code == 422
    await log_in(client)


async def test_a_set_up_is_for_who_began_it(
    app: FastAPI,
    ann: httpx.AsyncClient,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    setup = (await ann.post(f"{API}/me/second-factor/totp/setup")).json()
    async with make_client(app, token=make_token(make_user("bob@example.com"))) as bob:
        body = {"challenge": setup["challenge"], "code": app_code(setup["secret"])}
        answer = await bob.post(f"{API}/me/second-factor/totp", json=body)
    assert answer.status_code == 401


async def test_the_last_factor_takes_the_recovery_codes_along(
    client: httpx.AsyncClient, ann: httpx.AsyncClient, database: Database
) -> None:
    await set_up_app(ann)
    assert (await ann.delete(f"{API}/me/second-factor/totp")).status_code == 204
    assert database.execute("SELECT 1 FROM mfa_authenticator").fetchone() is None
    await log_in(client)
    assert (await ann.delete(f"{API}/me/second-factor/totp")).status_code == 404
    assert (await ann.post(f"{API}/me/second-factor/recovery-codes")).status_code == 409


async def test_new_recovery_codes_void_the_old_ones(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    _, old = await set_up_app(ann)
    answer = await ann.post(f"{API}/me/second-factor/recovery-codes")
    assert answer.status_code == 201
    new = answer.json()["recovery_codes"]
    challenge = (await waiting(client))["challenge"]
    wrong = await post(client, "/second-factor", challenge=challenge, recovery_code=old[0])
    assert wrong.status_code == 401
    right = await post(client, "/second-factor", challenge=challenge, recovery_code=new[0])
    assert right.status_code == 200


async def test_codes_that_allauth_stored_are_good(
    client: httpx.AsyncClient, make_user: Callable[..., int], database: Database
) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    database.execute(
        "INSERT INTO mfa_authenticator (type, data, created_at, user_id)"
        " VALUES ('totp', jsonb_build_object('secret', %s::text), now(), %s)",
        [encrypt(secret), make_user()],
    )
    challenge = (await waiting(client))["challenge"]
    answer = await post(client, "/second-factor", challenge=challenge, code=app_code(secret))
    assert answer.status_code == 200


RECENT_ONLY = [
    ("POST", "/me/second-factor/totp/setup", None),
    ("POST", "/me/second-factor/totp", {"challenge": "x", "code": "123456"}),
    ("DELETE", "/me/second-factor/totp", None),
    ("POST", "/me/second-factor/recovery-codes", None),
    ("POST", "/me/passkeys/options", None),
    ("POST", "/me/passkeys", {"credential": {}, "name": "x"}),
    ("DELETE", "/me/passkeys/1", None),
]


@pytest.mark.parametrize(("method", "path", "body"), RECENT_ONLY)
async def test_an_old_session_is_not_enough_to_change_how_one_logs_in(
    ann: httpx.AsyncClient, database: Database, method: str, path: str, body: dict[str, Any] | None
) -> None:
    let_time_pass(database)
    answer = await ann.request(method, f"{API}{path}", json=body)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:problem:reauthentication-required"
    proof = await post(ann, "/reauthenticate", password=PASSWORD)
    assert proof.status_code == 204
    assert (await ann.request(method, f"{API}{path}", json=body)).status_code != 403


async def test_the_proof_is_for_one_session_and_ends(
    app: FastAPI,
    ann: httpx.AsyncClient,
    client: httpx.AsyncClient,
    database: Database,
) -> None:
    other = await log_in(client)
    let_time_pass(database)
    await post(ann, "/reauthenticate", password=PASSWORD)
    async with make_client(app, token=other) as laptop:
        assert (await laptop.post(f"{API}/me/passkeys/options")).status_code == 403
    assert (await ann.post(f"{API}/me/passkeys/options")).status_code == 200
    valkey = app.state.challenges.valkey
    keys = [key async for key in valkey.scan_iter("challenge:recent:*")]
    assert all([0 < await valkey.ttl(key) <= 600 for key in keys])
    await valkey.delete(*keys)
    assert (await ann.post(f"{API}/me/passkeys/options")).status_code == 403


async def test_nothing_wrong_proves_it(ann: httpx.AsyncClient, database: Database) -> None:
    await set_up_app(ann)
    key = await add_passkey(ann)
    let_time_pass(database)
    wrong: tuple[dict[str, Any], ...] = (
        {"password": "wrong"},
        {"code": "000000"},
        {"recovery_code": "000000000"},
        {"credential": {}},
        {"credential": key.use({"rpId": "testserver", "challenge": "bm9uZQ"})},
    )
    for proof in wrong:
        assert (await post(ann, "/reauthenticate", **proof)).status_code == 401
        assert (await ann.post(f"{API}/me/passkeys/options")).status_code == 403


async def test_any_factor_proves_it_once(ann: httpx.AsyncClient, database: Database) -> None:
    secret, codes = await set_up_app(ann)
    key = await add_passkey(ann)
    let_time_pass(database)
    options = (await post(ann, "/reauthenticate/options")).json()["public_key"]
    proofs: tuple[dict[str, Any], ...] = (
        {"code": app_code(secret)},
        {"recovery_code": codes[0]},
        {"credential": key.use(options)},
    )
    for proof in proofs:
        assert (await post(ann, "/reauthenticate", **proof)).status_code == 204
        assert (await post(ann, "/reauthenticate", **proof)).status_code == 401
    assert (await ann.post(f"{API}/me/passkeys/options")).status_code == 200


async def test_one_code_proves_it_for_one_of_many_who_reach_for_it(
    ann: httpx.AsyncClient, database: Database
) -> None:
    secret, codes = await set_up_app(ann)
    let_time_pass(database)
    proofs: tuple[dict[str, str], ...] = ({"code": app_code(secret)}, {"recovery_code": codes[0]})
    for proof in proofs:
        answers = await asyncio.gather(*(post(ann, "/reauthenticate", **proof) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [204, 401, 401, 401, 401]


async def test_a_token_of_a_page_changes_nothing_about_logins(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    async with make_client(app, token=make_token(make_user(), kind="page")) as page:
        answer = await page.post(f"{API}/me/second-factor/totp/setup")
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:problem:session-required"


async def test_when_challenges_cannot_be_kept_the_second_factor_is_not_skipped(
    app: FastAPI,
    client: httpx.AsyncClient,
    ann: httpx.AsyncClient,
    environment: Callable[..., None],
) -> None:
    secret, _ = await set_up_app(ann)
    challenge = (await waiting(client))["challenge"]
    environment(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    away = Challenges()
    working, app.state.challenges = app.state.challenges, away
    try:
        login = await post(client, "/login", email="ann@example.com", password=PASSWORD)
        assert login.status_code == 503
        second = await post(client, "/second-factor", challenge=challenge, code=app_code(secret))
        assert second.status_code == 503
    finally:
        app.state.challenges = working
        await away.close()


async def test_whoever_set_up_factors_before_the_owner_of_the_address_keeps_none(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail, database: Database
) -> None:
    user_id = make_user("ann@example.com", verified=False)
    database.execute(
        "INSERT INTO mfa_authenticator (type, data, created_at, user_id)"
        " VALUES ('totp', '{}', now(), %s)",
        [user_id],
    )
    challenge = await ask(client)
    code = code_in(await mail("ann@example.com", "code"))
    answer = await post(client, "/code/login", challenge=challenge, code=code)
    assert answer.status_code == 200
    assert database.execute("SELECT 1 FROM mfa_authenticator").fetchone() is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *RECENT_ONLY,
        ("PATCH", "/me/passkeys/1", {"name": "x"}),
        ("POST", "/auth/reauthenticate", {"password": PASSWORD}),
        ("POST", "/auth/reauthenticate/options", None),
        ("POST", "/auth/password/change", {"current_password": PASSWORD, "new_password": "x" * 20}),
        ("POST", "/me/email", {"email": "new@example.com"}),
        ("POST", "/me/social-accounts/google", None),
        ("DELETE", "/me/social-accounts/1", None),
        ("GET", "/me/export", None),
        ("DELETE", "/me", None),
        ("DELETE", "/sessions", None),
        ("DELETE", "/sessions/1", None),
    ],
)
async def test_staff_who_act_as_somebody_do_not_touch_how_that_person_logs_in(
    app: FastAPI,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    method: str,
    path: str,
    body: dict[str, Any] | None,
) -> None:
    staff = make_user("staff@example.com", is_staff=True, is_superuser=True)
    token = make_token(make_user("ann@example.com"), kind="impersonation", impersonator_id=staff)
    async with make_client(app, token=token) as client:
        assert (await client.get(f"{API}/me")).json()["email"] == "ann@example.com"
        answer = await client.request(method, f"{API}{path}", json=body)
    assert answer.status_code == 403
