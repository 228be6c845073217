from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import psycopg
import pytest

from core.passwords import verify_password
from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.thread import Mailbox
from service.accounts import links
from tests.service.accounts.conftest import essence, log_in, post, token_in
from tests.service.conftest import PASSWORD

pytestmark = pytest.mark.anyio

WaitForMail = Callable[..., Awaitable[CaughtMail]]


async def test_a_newcomer_signs_up_verifies_logs_in_and_is_welcomed(
    client: httpx.AsyncClient, mail: WaitForMail
) -> None:
    answer = await post(client, "/register", email="New@Example.com", password=PASSWORD, name="New")
    assert answer.status_code == 202
    early = await post(client, "/login", email="new@example.com", password=PASSWORD)
    assert early.status_code == 403
    assert early.json()["type"] == "urn:problem:email-not-verified"

    token = token_in(await mail("new@example.com", "Confirm"))
    assert (await post(client, "/verify", token=token)).status_code == 200
    await log_in(client, "NEW@example.com")
    welcome = await mail("new@example.com", "Welcome")
    assert "http://testserver" in welcome.text


async def test_a_known_address_gets_the_same_answer_and_a_mail(
    client: httpx.AsyncClient,
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
    mail: WaitForMail,
) -> None:
    make_user("ann@example.com", name="Ann")
    other = "another fine kettle"
    known = await post(client, "/register", email="Ann@example.com", password=other, name="X")
    unknown = await post(client, "/register", email="bob@example.com", password=other, name="X")
    assert essence(known) == essence(unknown)
    assert "already have an account" in (await mail("ann@example.com")).subject
    rows = database.execute("SELECT name FROM accounts_user ORDER BY email").fetchall()
    assert [row["name"] for row in rows] == ["Ann", "X"]
    await log_in(client)


async def test_that_an_address_waits_for_verification_only_its_password_tells(
    client: httpx.AsyncClient, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com", verified=False)
    wrong = await post(client, "/login", email="ann@example.com", password="not this one")
    nobody = await post(client, "/login", email="nobody@example.com", password="not this one")
    assert essence(wrong) == essence(nobody)
    assert wrong.status_code == 401


async def test_resending_answers_the_same_and_mails_only_who_waits(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail, mailbox: Mailbox
) -> None:
    make_user("done@example.com")
    make_user("waits@example.com", verified=False)
    answers = [
        essence(await post(client, "/verify/resend", email=email))
        for email in ("done@example.com", "nobody@example.com", "waits@example.com")
    ]
    assert answers[0] == answers[1] == answers[2]
    await mail("waits@example.com")
    assert [message.recipients for message in mailbox.messages] == [["waits@example.com"]]


async def test_forged_and_foreign_tokens_verify_nothing(
    client: httpx.AsyncClient,
    database: psycopg.Connection[dict[str, object]],
    make_user: Callable[..., int],
) -> None:
    make_user("ann@example.com", verified=False)
    row = database.execute("SELECT id FROM account_emailaddress").fetchone()
    assert row
    content = {"id": row["id"], "email": "ann@example.com"}
    good = links.VERIFY_EMAIL.sign(content)
    too_old = links.Purpose(links.VERIFY_EMAIL.salt, "/", timedelta(seconds=-1))
    bad = [
        good[:-2],
        links.RESET_PASSWORD.sign(content),
        links.VERIFY_EMAIL.sign({**content, "email": "other@example.com"}),
        links.VERIFY_EMAIL.sign({**content, "id": 0}),
        "nonsense",
        "",
    ]
    answers = [essence(await post(client, "/verify", token=token)) for token in bad]
    assert {answer[0] for answer in answers} == {400}
    assert all(answer == answers[0] for answer in answers)
    assert too_old.read(good) is None
    assert (await post(client, "/verify", token=good)).status_code == 200


async def test_a_weak_password_is_refused_with_a_reason(client: httpx.AsyncClient) -> None:
    answer = await post(
        client, "/register", email="ann.smith@example.com", password="ann.smith@example.com"
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/password"
    assert answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "extra",
    [
        {"is_staff": True},
        {"is_superuser": True},
        {"is_active": True},
        {"id": 1},
        {"verified": True},
    ],
)
async def test_nobody_signs_up_as_more_than_a_user(
    client: httpx.AsyncClient,
    database: psycopg.Connection[dict[str, object]],
    extra: dict[str, object],
) -> None:
    answer = await post(client, "/register", email="a@example.com", password=PASSWORD, **extra)
    assert answer.status_code == 422
    assert database.execute("SELECT 1 FROM accounts_user").fetchone() is None


async def test_passwords_are_stored_in_the_form_that_django_reads(
    client: httpx.AsyncClient, database: psycopg.Connection[dict[str, object]]
) -> None:
    await post(client, "/register", email="ann@example.com", password=PASSWORD)
    row = database.execute("SELECT password FROM accounts_user").fetchone()
    assert row
    stored = str(row["password"])
    assert stored.startswith("argon2$argon2id$v=19$m=")
    assert len(stored) <= 128
    assert verify_password(PASSWORD, stored)


@pytest.mark.parametrize(
    "body",
    [
        {"email": "ann@example.com"},
        {"email": "not an address", "password": PASSWORD},
        {"email": "ann@example.com", "password": PASSWORD, "name": "a\x00b"},
        {"email": "ann@example.com", "password": PASSWORD, "name": "x" * 151},
        {"email": "ann@example.com", "password": "x" * 201},
    ],
)
async def test_bad_input_is_named_and_never_repeated(
    client: httpx.AsyncClient, body: dict[str, str]
) -> None:
    answer = await post(client, "/register", **body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"].startswith("#/")
    assert PASSWORD not in answer.text
    assert "x" * 100 not in answer.text
