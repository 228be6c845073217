"""Exporting one's data, changing the address, and deleting the account."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.thread import Mailbox
from service.accounts.models import User
from service.teams.erase import references_to, table_of
from tests.service.accounts.conftest import API, essence, log_in, post, token_in
from tests.service.accounts.factors import add_passkey, let_time_pass, set_up_app
from tests.service.conftest import PASSWORD, insert, make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
WaitForMail = Callable[..., Awaitable[CaughtMail]]


@pytest.fixture
def ann_id(make_user: Callable[..., int]) -> int:
    return make_user()


@pytest.fixture
async def ann(
    app: FastAPI, ann_id: int, make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has just logged in."""
    async with make_client(app, token=make_token(ann_id)) as client:
        yield client


def make_team(database: Database, name: str, **roles: int) -> int:
    """A team; `owner=1` makes the user 1 its owner, `member_2=7` the user 7 a member."""
    moment = datetime.now(UTC)
    team_id = insert(database, "teams_team", name=name, created_at=moment)
    for role, user_id in roles.items():
        insert(
            database,
            "teams_membership",
            team_id=team_id,
            user_id=user_id,
            role=role.partition("_")[0],
            created_at=moment,
        )
    return team_id


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/me/export", None),
        ("DELETE", "/me", None),
        ("POST", "/me/email", {"email": "new@example.com"}),
    ],
)
async def test_an_old_session_is_not_enough(
    ann: httpx.AsyncClient, database: Database, method: str, path: str, body: object
) -> None:
    let_time_pass(database)
    answer = await ann.request(method, f"{API}{path}", json=body)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:problem:reauthentication-required"


async def test_the_export_holds_all_that_is_ones_own_and_no_secret(
    ann: httpx.AsyncClient, ann_id: int, make_user: Callable[..., int], database: Database
) -> None:
    bob = make_user("bob@example.com")
    make_team(database, "Acme", owner=bob, member=ann_id)
    secret, codes = await set_up_app(ann)
    await add_passkey(ann)
    answer = await ann.get(f"{API}/me/export")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    data = answer.json()
    assert data["user"]["email"] == "ann@example.com"
    assert [address["email"] for address in data["email_addresses"]] == ["ann@example.com"]
    assert [factor["name"] for factor in data["second_factors"]] == [None, None, "Ann's phone"]
    assert [(team["name"], team["role"]) for team in data["teams"]] == [
        ("Ann", "owner"),
        ("Acme", "member"),
    ]
    assert "bob@example.com" not in answer.text
    rows = database.execute("SELECT digest FROM accounts_accesstoken").fetchall()
    for hidden in (secret, codes[0], "argon2", "seed", *(row["digest"] for row in rows)):
        assert hidden not in answer.text
    noted = database.execute("SELECT action, actor_id FROM audit_entry ORDER BY id DESC").fetchone()
    assert noted == {"action": "account.data_exported", "actor_id": ann_id}


async def test_a_deleted_account_is_gone_with_all_that_is_its_own(
    client: httpx.AsyncClient,
    ann: httpx.AsyncClient,
    ann_id: int,
    make_user: Callable[..., int],
    database: Database,
    mail: WaitForMail,
) -> None:
    bob = make_user("bob@example.com")
    await set_up_app(ann)
    alone = make_team(database, "Alone", owner=ann_id)
    shared = make_team(database, "Shared", owner=ann_id, owner_2=bob)
    theirs = make_team(database, "Bob's", owner=bob, member=ann_id)
    for team, email in ((alone, "x@example.com"), (shared, "y@example.com")):
        moment = datetime.now(UTC)
        insert(
            database,
            "teams_invitation",
            team_id=team,
            email=email,
            role="member",
            invited_by_id=ann_id,
            created_at=moment,
            expires_at=moment,
        )
    answer = await ann.delete(f"{API}/me")
    assert answer.status_code == 204, answer.text
    assert (await ann.get(f"{API}/me")).status_code == 401
    assert (
        await post(client, "/login", email="ann@example.com", password=PASSWORD)
    ).status_code == 401
    found = database.execute("SELECT id FROM teams_team WHERE personal_user_id IS NULL").fetchall()
    assert {row["id"] for row in found} == {shared, theirs}
    found = database.execute("SELECT personal_user_id FROM teams_team").fetchall()
    assert ann_id not in {row["personal_user_id"] for row in found}
    # Of what stays, nothing refers to nobody.
    left = database.execute("SELECT team_id, invited_by_id FROM teams_invitation").fetchall()
    assert left == [{"team_id": shared, "invited_by_id": None}]
    for child, column, _ in references_to(table_of(User)):
        statement = f'SELECT 1 FROM {child.name} WHERE "{column.name}" = {ann_id}'  # noqa: S608
        assert database.execute(statement).fetchone() is None, child.name
    assert "deleted" in (await mail("ann@example.com", "deleted")).text
    # The address is free again.
    answer = await post(client, "/register", email="ann@example.com", password=PASSWORD)
    assert answer.status_code == 202
    await mail("ann@example.com", "Confirm")


async def test_a_team_that_would_lose_its_only_owner_keeps_the_account(
    ann: httpx.AsyncClient, ann_id: int, make_user: Callable[..., int], database: Database
) -> None:
    make_team(database, "Acme", owner=ann_id, member=make_user("bob@example.com"))
    alone = make_team(database, "Alone", owner=ann_id)
    answer = await ann.delete(f"{API}/me")
    assert answer.status_code == 409
    assert "Acme" in answer.json()["detail"]
    assert "Alone" not in answer.json()["detail"]
    assert (await ann.get(f"{API}/me")).status_code == 200
    assert database.execute("SELECT 1 FROM teams_team WHERE id = %s", [alone]).fetchone()


async def test_a_new_address_counts_once_it_is_verified_and_the_old_one_is_told(
    client: httpx.AsyncClient, ann: httpx.AsyncClient, mail: WaitForMail
) -> None:
    answer = await ann.post(f"{API}/me/email", json={"email": "NEW@example.com"})
    assert answer.status_code == 202
    link = token_in(await mail("new@example.com", "Confirm"))
    assert (await ann.get(f"{API}/me")).json()["email"] == "ann@example.com"
    early = await post(client, "/login", email="new@example.com", password=PASSWORD)
    assert early.status_code == 401

    assert (await post(client, "/verify", token=link)).status_code == 200
    assert (await ann.get(f"{API}/me")).json()["email"] == "new@example.com"
    assert "new@example.com" in (await mail("ann@example.com", "address was changed")).text
    await log_in(client, "new@example.com")
    old = await post(client, "/login", email="ann@example.com", password=PASSWORD)
    assert old.status_code == 401
    assert (await post(client, "/verify", token=link)).status_code in (200, 400)


async def test_somebody_elses_address_cannot_be_taken_and_the_answer_is_the_same(
    ann: httpx.AsyncClient,
    ann_id: int,
    make_user: Callable[..., int],
    database: Database,
    mail: WaitForMail,
) -> None:
    make_user("bob@example.com")
    make_user("waits@example.com", verified=False)
    essences = [
        essence(await ann.post(f"{API}/me/email", json={"email": email}))
        for email in ("bob@example.com", "waits@example.com", "free@example.com")
    ]
    assert essences[0] == essences[1] == essences[2]
    assert "already" in (await mail("bob@example.com")).subject
    rows = database.execute(
        "SELECT email FROM account_emailaddress WHERE user_id = %s ORDER BY id", [ann_id]
    ).fetchall()
    assert [row["email"] for row in rows] == ["ann@example.com", "free@example.com"]


async def test_only_the_last_address_that_was_asked_for_waits(
    client: httpx.AsyncClient, ann: httpx.AsyncClient, mail: WaitForMail
) -> None:
    await ann.post(f"{API}/me/email", json={"email": "one@example.com"})
    first = token_in(await mail("one@example.com", "Confirm"))
    await ann.post(f"{API}/me/email", json={"email": "two@example.com"})
    assert (await post(client, "/verify", token=first)).status_code == 400
    assert (await ann.get(f"{API}/me")).json()["email"] == "ann@example.com"


async def test_who_signs_up_with_the_new_address_meanwhile_keeps_it(
    client: httpx.AsyncClient,
    ann: httpx.AsyncClient,
    make_user: Callable[..., int],
    mail: WaitForMail,
) -> None:
    await ann.post(f"{API}/me/email", json={"email": "new@example.com"})
    link = token_in(await mail("new@example.com", "Confirm"))
    make_user("new@example.com", verified=False)
    assert (await post(client, "/verify", token=link)).status_code == 400
    assert (await ann.get(f"{API}/me")).json()["email"] == "ann@example.com"
    # The link fails without a trace: it has verified nothing.
    login = await post(client, "/login", email="new@example.com", password=PASSWORD)
    assert login.status_code == 403


async def test_my_own_address_is_no_change(ann: httpx.AsyncClient, mailbox: Mailbox) -> None:
    answer = await ann.post(f"{API}/me/email", json={"email": "ann@example.com"})
    assert answer.status_code == 202
    assert mailbox.messages == []
