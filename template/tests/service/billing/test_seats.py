"""The seats of a plan hold, and whoever comes or goes has the subscription looked at."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from core.billing.catalog import CATALOG
from core.billing.seats import has_room
from core.billing.tasks import SyncSeats
from service.db import sessions
from service.teams.models import Membership
from tests.service.conftest import add_member, insert
from tests.service.outbox.rows import messages
from tests.service.teams.conftest import Acme
from tests.service.teams.test_at_once import statuses, together

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


def asked(database: Database) -> list[dict[str, Any]]:
    """The teams whose seats are to be looked at."""
    return [payload for task, payload in messages(database) if task == SyncSeats.name]


async def test_who_goes_has_the_seats_counted(acme: Acme) -> None:
    member = acme.ids["member"]
    assert (await acme.ask("owner", "DELETE", f"/members/{member}")).status_code == 204
    assert (await acme.ask("admin", "POST", "/leave")).status_code == 204
    assert asked(acme.database) == [{"team_id": acme.id}] * 2


async def test_another_role_takes_no_other_seat(acme: Acme) -> None:
    member = acme.ids["member"]
    answer = await acme.ask("owner", "PATCH", f"/members/{member}", role="admin")
    assert answer.status_code == 200
    assert asked(acme.database) == []


async def test_who_joins_is_counted_if_that_is_committed(acme: Acme) -> None:
    async with sessions() as session:
        session.add(Membership(team_id=acme.id, user_id=acme.ids["outsider"], role="member"))
        await session.flush()
        await session.rollback()
        assert asked(acme.database) == []
        session.add(Membership(team_id=acme.id, user_id=acme.ids["outsider"], role="member"))
        await session.commit()
    assert asked(acme.database) == [{"team_id": acme.id}]


async def test_a_team_that_never_paid_has_nothing_to_look_at(
    acme: Acme, database: Database
) -> None:
    database.execute("TRUNCATE billing_customer CASCADE")
    assert (await acme.ask("member", "POST", "/leave")).status_code == 204
    assert asked(database) == []


async def test_the_last_seat_of_a_plan_is_taken_once(
    acme: Acme, database: Database, make_user: Callable[..., int]
) -> None:
    # The free plan has three seats.
    database.execute("TRUNCATE billing_customer CASCADE")
    database.execute("DELETE FROM teams_membership WHERE user_id = %s", [acme.ids["member"]])
    outsiders = {"outsider": acme.ids["outsider"], "member": acme.ids["member"]}
    for who in outsiders:
        insert(
            database,
            "teams_invitation",
            team_id=acme.id,
            email=f"{who}@example.com",
            role="member",
            invited_by_id=acme.ids["owner"],
            created_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
    requests = []
    for who in outsiders:
        (mine,) = (await acme.clients[who].get("/api/v1/me/invitations")).json()
        path = f"/api/v1/me/invitations/{mine['id']}/accept"
        requests.append(acme.clients[who].post(path))
    assert statuses(await together(acme, *requests)) == [200, 409]
    assert len(acme.roles()) == 3


async def test_the_seats_of_a_plan_hold_for_invitations(acme: Acme, database: Database) -> None:
    database.execute("TRUNCATE billing_customer CASCADE")
    answer = await acme.ask("owner", "POST", "/invitations", email="new@example.com")
    assert answer.status_code == 402
    problem = answer.json()
    assert (problem["type"], problem["limit"]) == ("urn:problem:limit-reached", "seats")
    assert problem["most"] == CATALOG.free.seat_limit
    larger = [plan.code for plan in CATALOG.plans if has_room(plan, len(acme.roles()))]
    assert problem["plans"] == larger
    add_member(database, acme.id, acme.ids["outsider"], "member")
    database.execute("UPDATE teams_team SET seat_limit = 5")
    # What staff have set goes before the plan.
    answer = await acme.ask("owner", "POST", "/invitations", email="new@example.com")
    assert answer.status_code == 201


async def test_a_team_goes_with_what_it_used_and_its_customer_stays(
    acme: Acme, database: Database
) -> None:
    """Stripe is still to be told, which the sweep sees to."""
    database.execute(
        "INSERT INTO billing_usage (team_id, meter, quantity, occurred_at, is_billed)"
        " VALUES (%s, 'changes', 1, now(), true)",
        [acme.id],
    )
    assert (await acme.ask("owner", "DELETE")).status_code == 204
    assert database.execute("SELECT team_id FROM billing_customer").fetchall() == [
        {"team_id": None}
    ]
    assert database.execute("SELECT 1 FROM billing_usage").fetchone() is None
    assert database.execute("SELECT 1 FROM billing_subscription").fetchone()
