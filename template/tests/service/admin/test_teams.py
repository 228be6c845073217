"""Staff help teams, and the rules of teams hold for staff."""

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from core.tokens import digest
from tests.service.admin.conftest import csrf, log_in

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
PAGES = ("team", "membership", "invitation", "api-key", "entry")


async def press(client: httpx.AsyncClient, kind: str, name: str, pk: int) -> httpx.Response:
    """Press the button of one row."""
    return await client.post(
        f"/admin/_api/{kind}/row-action",
        params={"name": name, "pk": pk},
        headers={"X-CSRFToken": await csrf(client, f"/admin/{kind}/list")},
    )


def one(database: Database, statement: str, *values: object) -> Any:
    """The one value that the statement answers."""
    row = database.execute(statement, values).fetchone()
    assert row
    return next(iter(row.values()))


async def test_staff_find_teams_and_no_page_shows_a_digest(
    staff: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
    make_key: Callable[..., str],
) -> None:
    ann = make_user("ann@example.com")
    key = make_key(make_team("Acme", owner=ann), created_by_id=ann)
    for page in PAGES:
        answer = await staff.get(f"/admin/{page}/list")
        assert answer.status_code == 200, page
        assert digest(key) not in answer.text
    key_id = one(database, "SELECT id FROM teams_apikey")
    detail = await staff.get(f"/admin/api-key/detail?pk={key_id}")
    assert detail.status_code == 200
    assert digest(key) not in detail.text
    assert "Acme" in (await staff.get("/admin/team/list", params={"q": "Acme"})).text
    found = await staff.get("/admin/membership/list", params={"q": "ann@"})
    assert "owner" in found.text


async def test_superusers_change_the_seats_and_it_is_noted(
    staff: httpx.AsyncClient, database: Database, make_team: Callable[..., int]
) -> None:
    team_id = make_team("Acme")
    path = f"/admin/team/edit?pk={team_id}"
    form = {"seat_limit": "7", "name": "Other", "csrftoken": await csrf(staff, path)}
    assert (await staff.post(path, data=form)).status_code == 303
    row = database.execute("SELECT name, seat_limit FROM teams_team WHERE id = %s", [team_id])
    assert row.fetchone() == {"name": "Acme", "seat_limit": 7}
    entry = database.execute(
        "SELECT action, details, actor_id FROM audit_entry ORDER BY id DESC"
    ).fetchone()
    me = one(database, "SELECT id FROM accounts_user WHERE email = 'staff@example.com'")
    assert entry == {
        "action": "team.seat_limit_changed",
        "details": {"former": None, "new": 7},
        "actor_id": me,
    }


async def test_the_last_owner_stays(
    staff: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
) -> None:
    ann, bob = make_user("ann@example.com"), make_user("bob@example.com")
    team_id = make_team("Acme", owner=ann, member=bob)
    find = "SELECT id FROM teams_membership WHERE team_id = %s AND role = %s"
    owner, member = one(database, find, team_id, "owner"), one(database, find, team_id, "member")
    path = f"/admin/membership/edit?pk={owner}"
    form = {"role": "member", "csrftoken": await csrf(staff, path)}
    answer = await staff.post(path, data=form)
    assert answer.status_code == 422, answer.status_code
    assert "only owner" in answer.text
    assert (await press(staff, "membership", "delete", owner)).status_code == 400
    assert (await press(staff, "membership", "delete", member)).status_code == 200
    roles = database.execute("SELECT role FROM teams_membership WHERE team_id = %s", [team_id])
    assert roles.fetchall() == [{"role": "owner"}]


async def test_what_is_refused_for_one_row_is_done_to_none(
    staff: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
) -> None:
    ann, bob = make_user("ann@example.com"), make_user("bob@example.com")
    team_id = make_team("Acme", member=bob, owner=ann)
    find = "SELECT id FROM teams_membership WHERE team_id = %s ORDER BY id"
    pks = [row["id"] for row in database.execute(find, [team_id])]
    answer = await staff.post(
        "/admin/_api/membership/action",
        params={"name": "delete", "pks": pks},
        headers={"X-CSRFToken": await csrf(staff, "/admin/membership/list")},
    )
    assert answer.status_code == 400, answer.text
    assert [row["id"] for row in database.execute(find, [team_id])] == pks


async def test_deleting_a_key_revokes_it_and_keeps_the_row(
    staff: httpx.AsyncClient,
    database: Database,
    make_team: Callable[..., int],
    make_key: Callable[..., str],
) -> None:
    make_key(make_team("Acme"))
    key_id = one(database, "SELECT id FROM teams_apikey")
    assert (await press(staff, "api-key", "delete", key_id)).status_code == 200
    assert one(database, "SELECT revoked_at FROM teams_apikey") is not None


async def test_nobody_changes_history_here(
    staff: httpx.AsyncClient, database: Database, make_team: Callable[..., int]
) -> None:
    path = f"/admin/team/edit?pk={make_team('Acme')}"
    await staff.post(path, data={"seat_limit": "7", "csrftoken": await csrf(staff, path)})
    entry = one(database, "SELECT max(id) FROM audit_entry")
    assert (await staff.get(f"/admin/entry/edit?pk={entry}")).status_code == 403
    assert (await press(staff, "entry", "delete", entry)).status_code == 400


async def test_staff_who_are_not_superusers_only_look(
    client: httpx.AsyncClient, make_user: Callable[..., int], make_team: Callable[..., int]
) -> None:
    make_user("helper@example.com", is_staff=True)
    await log_in(client, "helper@example.com")
    assert (await client.get("/admin/team/list")).status_code == 200
    assert (await client.get(f"/admin/team/edit?pk={make_team('Acme')}")).status_code == 403
    assert (await client.get("/admin/act-as")).status_code == 403
