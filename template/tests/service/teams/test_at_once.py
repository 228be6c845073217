"""Two requests at once, on connections of their own: the rules hold as if one came first."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from core.env import get_settings
from core.tokens import digest
from tests import PATIENCE
from tests.service.teams.conftest import API, Acme

pytestmark = pytest.mark.anyio


@contextmanager
def held(acme: Acme, *statements: str) -> Iterator[Callable[[int], Awaitable[None]]]:
    """Rows that somebody else has locked; gives a way to wait for those who wait for them."""
    with psycopg.connect(get_settings().database_url) as connection:
        for statement in statements:
            connection.execute(statement, [acme.id])

        async def wait_for(waiting: int) -> None:
            async with asyncio.timeout(PATIENCE):
                while True:
                    row = acme.database.execute(
                        "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    ).fetchone()
                    if row and row["n"] >= waiting:
                        return
                    await asyncio.sleep(0.01)

        yield wait_for


LOCK = "SELECT 1 FROM teams_team WHERE id = %s FOR NO KEY UPDATE"


async def together(acme: Acme, *requests: Awaitable[httpx.Response]) -> list[httpx.Response]:
    """The answers to requests that all wait for the team before the first of them goes on."""
    with held(acme, LOCK) as wait_for:
        tasks = [asyncio.ensure_future(request) for request in requests]
        await wait_for(len(tasks))
    return list(await asyncio.gather(*tasks))


def statuses(answers: list[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def promote(acme: Acme, who: str) -> None:
    acme.database.execute(
        "UPDATE teams_membership SET role = 'owner' WHERE user_id = %s AND team_id = %s",
        [acme.ids[who], acme.id],
    )


async def test_two_owners_do_not_both_leave(acme: Acme) -> None:
    promote(acme, "admin")
    answers = await together(
        acme, acme.ask("owner", "POST", "/leave"), acme.ask("admin", "POST", "/leave")
    )
    assert statuses(answers) == [204, 409]
    assert list(acme.roles().values()).count("owner") == 1


async def test_who_waits_too_long_is_told_to_come_again(acme: Acme) -> None:
    with held(acme, LOCK):
        answer = await acme.ask("owner", "PATCH", name="First")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_two_owners_do_not_both_step_back(acme: Acme) -> None:
    promote(acme, "admin")
    answers = await together(
        acme,
        acme.ask("owner", "PATCH", f"/members/{acme.ids['admin']}", role="member"),
        acme.ask("admin", "PATCH", f"/members/{acme.ids['owner']}", role="member"),
    )
    # The second one is no owner any more when their turn comes.
    assert statuses(answers) == [200, 403]
    assert list(acme.roles().values()).count("owner") == 1


async def test_who_loses_the_role_meanwhile_does_nothing_by_it(acme: Acme) -> None:
    with held(acme, LOCK) as wait_for:
        request = asyncio.ensure_future(acme.ask("admin", "POST", "/api-keys", name="x"))
        await wait_for(1)
        acme.database.execute(
            "UPDATE teams_membership SET role = 'member' WHERE user_id = %s", [acme.ids["admin"]]
        )
    assert (await request).status_code == 403


async def test_the_last_seat_is_taken_once(acme: Acme) -> None:
    acme.database.execute("UPDATE teams_team SET seat_limit = 4 WHERE id = %s", [acme.id])
    answers = await together(
        acme,
        *(
            acme.ask("owner", "POST", "/invitations", email=f"{name}@example.com")
            for name in ("one", "two")
        ),
    )
    assert statuses(answers) == [201, 409]


@pytest.fixture
def invited(acme: Acme) -> str:
    """The token of an invitation for the outsider."""
    acme.database.execute(
        "INSERT INTO teams_invitation (team_id, email, role, digest, created_at, expires_at)"
        " VALUES (%s, 'outsider@example.com', 'member', %s, now(), now() + interval '1 day')",
        [acme.id, digest("invite_x")],
    )
    return "invite_x"


async def test_an_invitation_is_accepted_once(acme: Acme, invited: str) -> None:
    outsider = acme.clients["outsider"]
    answers = await together(
        acme,
        *(outsider.post(f"{API}/invitations/accept", json={"token": invited}) for _ in range(2)),
    )
    # Whoever clicks twice is in.
    assert statuses(answers) == [200, 200]
    joined = [entry for entry in acme.audit() if entry[0] == "member.joined"]
    assert len(joined) == 1


async def test_an_invitation_is_accepted_or_revoked(acme: Acme, invited: str) -> None:
    listed = (await acme.ask("owner", "GET", "/invitations")).json()["items"]
    answers = await together(
        acme,
        acme.clients["outsider"].post(f"{API}/invitations/accept", json={"token": invited}),
        acme.ask("owner", "DELETE", f"/invitations/{listed[0]['id']}"),
    )
    assert statuses(answers) in ([200, 404], [204, 404])
    revoked = [entry[0] for entry in acme.audit()].count("invitation.revoked")
    assert (acme.ids["outsider"] in acme.roles()) is not bool(revoked)


async def test_two_requests_under_one_key_have_one_effect(acme: Acme) -> None:
    def post() -> Awaitable[httpx.Response]:
        return acme.clients["owner"].post(
            f"{API}/teams/{acme.id}/api-keys",
            json={"name": "x"},
            headers={"Idempotency-Key": "once"},
        )

    with held(acme, LOCK) as wait_for:
        tasks = [asyncio.ensure_future(post()) for _ in range(3)]
        # One at the team, the others at its row.
        await wait_for(3)
    answers = await asyncio.gather(*tasks)
    assert statuses(answers) == [201, 201, 201]
    assert len({answer.content for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotent-Replayed") for answer in answers]
    assert sorted(map(str, replayed)) == ["None", "true", "true"]
    row = acme.database.execute("SELECT count(*) AS n FROM teams_apikey").fetchone()
    assert row == {"n": 1}
