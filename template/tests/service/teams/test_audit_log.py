"""The history of a team: who did what. Nobody changes it."""

from collections.abc import Callable

import psycopg
import pytest
from fastapi import FastAPI

from tests.service.conftest import make_client
from tests.service.teams.conftest import API, Acme

pytestmark = pytest.mark.anyio


async def test_the_log_tells_who_did_what_and_from_where(
    app: FastAPI, acme: Acme, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    await acme.ask("owner", "PATCH", name="First")
    staff = make_user("staff@example.com", is_staff=True, is_superuser=True)
    token = make_token(acme.ids["owner"], kind="impersonation", impersonator_id=staff)
    async with make_client(app, token=token, ip="198.51.100.7") as support:
        await support.patch(f"{API}/teams/{acme.id}", json={"name": "Second"})
    page = (await acme.ask("admin", "GET", "/audit-log?limit=1")).json()
    (newest,) = page["items"]
    assert (newest["action"], newest["actor"], newest["by_support"], newest["ip_address"]) == (
        "team.renamed",
        "Owner",
        True,
        "198.51.100.7",
    )
    assert newest["details"] == {"former": "First", "new": "Second"}
    rest = await acme.ask("admin", "GET", f"/audit-log?limit=1&cursor={page['next_cursor']}")
    (oldest,) = rest.json()["items"]
    assert (oldest["by_support"], oldest["details"]["new"]) == (False, "First")


async def test_the_log_of_another_team_is_not_in_it(acme: Acme) -> None:
    made = await acme.clients["owner"].post(f"{API}/teams", json={"name": "Canary"})
    await acme.clients["owner"].patch(f"{API}/teams/{made.json()['id']}", json={"name": "Canary 2"})
    log = await acme.ask("owner", "GET", "/audit-log")
    assert log.json()["items"] == []
    assert (await acme.ask("member", "GET", "/audit-log")).status_code == 403
    assert (await acme.ask("outsider", "GET", "/audit-log")).status_code == 404


async def test_the_name_of_a_person_is_not_kept_as_that_of_their_team(acme: Acme) -> None:
    owner = acme.clients["owner"]
    teams = (await owner.get(f"{API}/teams")).json()["items"]
    (personal,) = [team["id"] for team in teams if team["is_personal"]]
    renamed = await owner.patch(f"{API}/teams/{personal}", json={"name": "Somebody"})
    assert renamed.status_code == 200
    rows = acme.database.execute("SELECT details FROM audit_entry WHERE team_id = %s", [personal])
    assert [row["details"] for row in rows] == [{}]


async def test_nobody_rewrites_history(acme: Acme) -> None:
    await acme.ask("owner", "PATCH", name="First")
    for statement in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            acme.database.execute(statement)
