"""Login by a mailed code."""

import re
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.thread import Mailbox
from sandbox.ports import free_port
from service.accounts.challenges import Challenges
from service.accounts.codes import new_code
from tests.service.accounts.conftest import API, essence, log_in, post
from tests.service.conftest import PASSWORD, make_client

pytestmark = pytest.mark.anyio

WaitForMail = Callable[..., Awaitable[CaughtMail]]
Database = psycopg.Connection[dict[str, Any]]


async def ask(client: httpx.AsyncClient, email: str = "ann@example.com") -> str:
    """Ask for a code; the challenge."""
    answer = await post(client, "/code", email=email)
    assert answer.status_code == 202, answer.text
    challenge: str = answer.json()["challenge"]
    return challenge


def code_in(mail: CaughtMail) -> str:
    """The code of a mail."""
    found = re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", mail.text)
    assert found
    return found.group()


async def use(client: httpx.AsyncClient, challenge: str, code: str) -> httpx.Response:
    """Log in by a code."""
    return await post(client, "/code/login", challenge=challenge, code=code)


async def test_a_code_logs_in_once(
    client: httpx.AsyncClient, app: FastAPI, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user()
    challenge = await ask(client, "ANN@example.com")
    code = code_in(await mail("ann@example.com", "code"))
    # As people type it.
    answer = await use(client, challenge, f" {code.lower().replace('-', ' ')}")
    assert answer.status_code == 200, answer.text
    async with make_client(app, token=answer.json()["token"]) as ann:
        assert (await ann.get(f"{API}/me")).json()["email"] == "ann@example.com"
    again = await use(client, challenge, code)
    assert again.status_code == 401
    assert again.json()["type"] == "urn:problem:wrong-code"
    # Somebody with a password keeps it.
    await log_in(client)


async def test_an_unknown_address_gets_the_same_answer_and_a_mail_that_says_so(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user("ann@example.com")
    make_user("out@example.com", is_active=False)
    essences = []
    for email in ("ann@example.com", "nobody@example.com", "out@example.com"):
        status, headers, document = essence(await post(client, "/code", email=email))
        assert re.fullmatch(r"code_[\w-]{43}", document.pop("challenge"))
        essences.append((status, headers, document))
    assert essences[0] == essences[1] == essences[2]
    assert "no account" in (await mail("nobody@example.com")).text


async def test_an_unknown_address_takes_about_as_long(
    app: FastAPI, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com")
    times: dict[str, list[float]] = {"ann@example.com": [], "nobody@example.com": []}
    for number in range(5):
        # Each from elsewhere, so that no limit is reached.
        for round_ in range(4):
            async with make_client(app, ip=f"198.51.100.{number * 4 + round_}") as client:
                for email, seconds in times.items():
                    started = time.perf_counter()
                    await ask(client, email)
                    seconds.append(time.perf_counter() - started)
    known, unknown = (median(seconds) for seconds in times.values())
    assert 0.5 < known / unknown < 2


async def test_five_wrong_codes_void_the_challenge_and_nobody_elses(
    client: httpx.AsyncClient, app: FastAPI, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user()
    challenge = await ask(client)
    code = code_in(await mail("ann@example.com", "code"))
    # An attacker asks as well: the codes of one challenge say nothing about the other.
    async with make_client(app, ip="203.0.113.9") as attacker:
        theirs = await ask(attacker)
        assert (await use(attacker, theirs, code)).status_code == 401
        for _ in range(6):
            assert (await use(attacker, theirs, new_code())).status_code == 401
    for _ in range(4):
        assert (await use(client, challenge, new_code())).status_code == 401
    assert (await use(client, challenge, code)).status_code == 200


async def test_the_sixth_try_fails_even_with_the_right_code(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user()
    challenge = await ask(client)
    code = code_in(await mail("ann@example.com", "code"))
    for _ in range(5):
        assert (await use(client, challenge, new_code())).status_code == 401
    assert (await use(client, challenge, code)).status_code == 401


async def test_the_code_stands_nowhere_in_the_clear(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail, database: Database
) -> None:
    make_user()
    await ask(client)
    code = code_in(await mail("ann@example.com", "code"))
    stored = str(database.execute("SELECT payload FROM outbox_message").fetchall())
    assert code not in stored
    assert code.replace("-", "") not in stored


async def test_whoever_signed_up_with_the_address_before_its_owner_keeps_no_key(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail, database: Database
) -> None:
    make_user("ann@example.com", verified=False)
    challenge = await ask(client)
    answer = await use(client, challenge, code_in(await mail("ann@example.com", "code")))
    assert answer.status_code == 200
    row = database.execute("SELECT verified FROM account_emailaddress").fetchone()
    assert row
    assert row["verified"]
    # The password was set by who never proved to own the address.
    trap = await post(client, "/login", email="ann@example.com", password=PASSWORD)
    assert trap.status_code == 401
    await mail("ann@example.com", "Welcome")


async def test_a_password_that_does_not_exist_is_as_slow_as_a_wrong_one(
    app: FastAPI, make_user: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = app.state.hashing
    checked: list[str] = []
    run = hashing._run

    async def count(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        checked.append(args[1] if len(args) > 1 else "")
        return await run(function, *args, **kwargs)

    monkeypatch.setattr(hashing, "_run", count)
    assert not await hashing.verify(PASSWORD, "!unusable")
    assert checked[-1].startswith("argon2$")


async def test_when_codes_cannot_be_kept_none_is_sent_and_none_opens(
    app: FastAPI,
    client: httpx.AsyncClient,
    make_user: Callable[..., int],
    environment: Callable[..., None],
    mailbox: Mailbox,
) -> None:
    make_user()
    challenge = await ask(client)
    environment(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    away = Challenges()
    working, app.state.challenges = app.state.challenges, away
    try:
        for answer in (
            await post(client, "/code", email="ann@example.com"),
            await use(client, challenge, new_code()),
        ):
            assert answer.status_code == 503
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert "Retry-After" in answer.headers
        # The password is another way in.
        await log_in(client)
    finally:
        app.state.challenges = working
        await away.close()


async def test_mails_with_codes_are_limited(client: httpx.AsyncClient) -> None:
    statuses = [
        (await post(client, "/code", email="ann@example.com")).status_code for _ in range(6)
    ]
    assert statuses == [202] * 5 + [429]
