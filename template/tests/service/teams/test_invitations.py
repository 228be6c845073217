from collections.abc import Callable
from typing import Any

import anyio.to_thread
import psycopg
import pytest

from core.tasks import SendInvitation
from core.tokens import digest
from sandbox.mailbox.thread import Mailbox
from service.tasks import WorkerDatabase, engine
from service.teams.tasks import send_invitation
from tests.service.accounts.conftest import token_in
from tests.service.outbox.rows import messages
from tests.service.teams.conftest import API, Acme

pytestmark = pytest.mark.anyio

OUTSIDER = "outsider@example.com"


async def invite(acme: Acme, email: str = OUTSIDER, role: str = "member") -> dict[str, Any]:
    answer = await acme.ask("owner", "POST", "/invitations", email=email, role=role)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def token(acme: Acme) -> Callable[..., str]:
    """Gives an invitation a token, as the task does that mails it."""

    def give(invitation: dict[str, Any], token: str = "invite_x") -> str:
        acme.database.execute(
            "UPDATE teams_invitation SET digest = %s WHERE id = %s",
            [digest(token), invitation["id"]],
        )
        return token

    return give


async def accept(acme: Acme, who: str, token: str) -> int:
    answer = await acme.clients[who].post(f"{API}/invitations/accept", json={"token": token})
    return answer.status_code


def work(invitation_id: int) -> None:
    """What the worker does with the task."""
    with WorkerDatabase().begin() as transaction:
        send_invitation(SendInvitation(invitation_id=invitation_id), transaction.session)
    engine().dispose()


async def test_who_is_invited_gets_a_mail_and_joins(acme: Acme, mailbox: Mailbox) -> None:
    made = await invite(acme, "Outsider@example.com", "admin")
    assert messages(acme.database) == [("teams.send_invitation", {"invitation_id": made["id"]})]
    await anyio.to_thread.run_sync(work, made["id"])
    token = token_in(mailbox.wait(to=OUTSIDER, subject="Owner invites you to Acme"))
    row = acme.database.execute("SELECT * FROM teams_invitation").fetchone()
    assert row
    assert row["digest"] == digest(token)
    assert token not in str(row)
    assert await accept(acme, "outsider", token) == 200
    assert acme.roles()[acme.ids["outsider"]] == "admin"
    assert acme.audit() == [
        ("invitation.sent", made["id"], {"role": "admin"}),
        ("member.joined", acme.ids["outsider"], {"role": "admin"}),
        ("invitation.accepted", made["id"], {}),
    ]


async def test_the_link_is_for_the_verified_address_it_was_sent_to(
    acme: Acme, token: Callable[..., str], database: psycopg.Connection[dict[str, Any]]
) -> None:
    secret = token(await invite(acme))
    before = acme.roles()
    assert await accept(acme, "member", secret) == 404
    assert await accept(acme, "outsider", "invite_wrong") == 404
    verify = "UPDATE account_emailaddress SET verified = %s WHERE email = %s"
    database.execute(verify, [False, OUTSIDER])
    assert await accept(acme, "outsider", secret) == 404
    assert acme.roles() == before
    database.execute(verify, [True, OUTSIDER])
    assert await accept(acme, "outsider", secret) == 200


async def test_every_link_that_does_not_work_gets_the_same_answer(
    acme: Acme, token: Callable[..., str]
) -> None:
    made = await invite(acme)
    secret = token(made)
    answers = set()
    for change in ("revoked_at = now()", "revoked_at = NULL, expires_at = now()"):
        acme.database.execute(f"UPDATE teams_invitation SET {change}")  # noqa: S608  ours
        answer = await acme.clients["outsider"].post(
            f"{API}/invitations/accept", json={"token": secret}
        )
        document = answer.json()
        document.pop("request_id")
        answers.add(str(document))
    wrong = await acme.clients["outsider"].post(f"{API}/invitations/accept", json={"token": "x"})
    document = wrong.json()
    document.pop("request_id")
    assert answers == {str(document)}
    assert "Acme" not in wrong.text


async def test_people_find_what_they_are_invited_to(acme: Acme) -> None:
    made = await invite(acme)
    outsider = acme.clients["outsider"]
    found = (await outsider.get(f"{API}/me/invitations")).json()
    assert [(each["id"], each["team_name"], each["invited_by"]) for each in found] == [
        (made["id"], "Acme", "Owner")
    ]
    assert (await acme.clients["member"].get(f"{API}/me/invitations")).json() == []
    stolen = f"{API}/me/invitations/{made['id']}"
    assert (await acme.clients["member"].post(f"{stolen}/accept")).status_code == 404
    assert (await acme.clients["member"].post(f"{stolen}/decline")).status_code == 404
    joined = await outsider.post(f"{API}/me/invitations/{made['id']}/accept")
    assert (joined.status_code, joined.json()["role"]) == (200, "member")


async def test_who_declines_is_not_invited_any_more(acme: Acme, token: Callable[..., str]) -> None:
    made = await invite(acme)
    secret = token(made)
    outsider = acme.clients["outsider"]
    assert (await outsider.post(f"{API}/me/invitations/{made['id']}/decline")).status_code == 204
    assert await accept(acme, "outsider", secret) == 404
    assert acme.audit()[-1] == ("invitation.revoked", made["id"], {"declined": True})


async def test_a_second_invitation_for_a_member_is_no_error(
    acme: Acme, token: Callable[..., str]
) -> None:
    secret = token(await invite(acme, role="admin"))
    acme.database.execute(
        "INSERT INTO teams_membership (team_id, user_id, role, created_at)"
        " VALUES (%s, %s, 'member', now())",
        [acme.id, acme.ids["outsider"]],
    )
    assert await accept(acme, "outsider", secret) == 200
    assert acme.roles()[acme.ids["outsider"]] == "member"


async def test_sending_again_makes_the_former_link_useless(
    acme: Acme, token: Callable[..., str]
) -> None:
    made = await invite(acme)
    secret = token(made)
    assert (await acme.ask("admin", "POST", f"/invitations/{made['id']}/resend")).status_code == 200
    assert await accept(acme, "outsider", secret) == 404
    again = await invite(acme, role="admin")
    assert again["id"] == made["id"]
    assert (await acme.ask("owner", "GET", "/invitations")).json()["items"][0]["role"] == "admin"


async def test_an_invitation_is_taken_back(acme: Acme, token: Callable[..., str]) -> None:
    made = await invite(acme)
    secret = token(made)
    path = f"/invitations/{made['id']}"
    assert (await acme.ask("member", "DELETE", path)).status_code == 403
    assert (await acme.ask("outsider", "DELETE", path)).status_code == 404
    assert (await acme.ask("admin", "DELETE", path)).status_code == 204
    assert (await acme.ask("admin", "DELETE", path)).status_code == 404
    assert await accept(acme, "outsider", secret) == 404


async def test_nobody_invites_above_themselves(acme: Acme) -> None:
    answer = await acme.ask("admin", "POST", "/invitations", email=OUTSIDER, role="owner")
    assert answer.status_code == 403
    answer = await acme.ask("admin", "POST", "/invitations", email="member@example.com")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:problem:already-member")


async def test_seats_are_counted_with_open_invitations(
    acme: Acme, token: Callable[..., str]
) -> None:
    acme.database.execute("UPDATE teams_team SET seat_limit = 4 WHERE id = %s", [acme.id])
    secret = token(await invite(acme))
    refused = await acme.ask("owner", "POST", "/invitations", email="more@example.com")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:no-seat")
    # Who holds an invitation has the seat, but not one that is gone meanwhile.
    acme.database.execute("UPDATE teams_team SET seat_limit = 3 WHERE id = %s", [acme.id])
    assert await accept(acme, "outsider", secret) == 409
    acme.database.execute("UPDATE teams_team SET seat_limit = 4 WHERE id = %s", [acme.id])
    assert await accept(acme, "outsider", secret) == 200


async def test_mails_to_strangers_are_limited(acme: Acme) -> None:
    made = await invite(acme)
    path = f"/invitations/{made['id']}/resend"
    statuses = [(await acme.ask("owner", "POST", path)).status_code for _ in range(30)]
    assert statuses == [200] * 29 + [429]
    # The team as a whole, too.
    refused = await acme.ask("admin", "POST", path)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
