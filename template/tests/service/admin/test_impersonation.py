"""Staff act as somebody by a POST, for a while, and every entry says so."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tests.service.admin.conftest import csrf
from tests.service.conftest import PASSWORD, make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
API = "/api/v1"
PATH = "/admin/act-as"
INVITED = {"email": "new@example.com", "role": "member"}
HOOK = {"url": "https://hooks.example.com/"}


async def start(staff: httpx.AsyncClient, email: str) -> httpx.Response:
    form = {"email": email, "csrftoken": await csrf(staff, PATH)}
    return await staff.post(PATH, data=form)


async def test_a_superuser_acts_as_somebody_and_the_log_tells(
    app: FastAPI,
    staff: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
) -> None:
    ann = make_user("ann@example.com")
    team_id = make_team("Acme", owner=ann)
    page = await start(staff, "ann@example.com")
    found = re.search(r"impersonation_[\w-]+", page.text)
    assert found
    assert found[0] not in str(database.execute("SELECT * FROM accounts_accesstoken").fetchall())
    async with make_client(app, token=found[0]) as support:
        me = await support.get(f"{API}/me")
        assert me.json()["id"] == ann
        assert me.headers["Impersonated-By"]
        await support.patch(f"{API}/teams/{team_id}", json={"name": "New"})
        wrong = {"current_password": PASSWORD, "new_password": "another fine kettle"}
        refused = [
            await support.post(f"{API}/auth/password/change", json=wrong),
            await support.post(f"{API}/me/email", json={"email": "x@example.com"}),
            await support.post(f"{API}/me/second-factor/totp/setup"),
            await support.delete(f"{API}/me"),
            await support.post(f"{API}/teams/{team_id}/api-keys", json={"name": "x"}),
            await support.delete(f"{API}/teams/{team_id}"),
            await support.post(f"{API}/teams/{team_id}/webhooks", json=HOOK),
            await support.post(f"{API}/teams/{team_id}/webhook-deliveries/1/redeliver"),
            await support.patch(f"{API}/me", json={"name": "Other"}),
            await support.post(f"{API}/teams", json={"name": "Other"}),
            await support.post(f"{API}/teams/{team_id}/leave"),
            await support.delete(f"{API}/teams/{team_id}/members/{ann}"),
            await support.patch(f"{API}/teams/{team_id}/members/{ann}", json={"role": "member"}),
            await support.post(f"{API}/teams/{team_id}/invitations", json=INVITED),
            await support.post(f"{API}/invitations/accept", json={"token": "x" * 20}),
        ]
        assert [answer.status_code for answer in refused] == [403] * len(refused)
        assert (await support.post(f"{API}/auth/logout")).status_code == 204
        assert (await support.get(f"{API}/me")).status_code == 401
    row = database.execute("SELECT id FROM accounts_user WHERE is_superuser").fetchone()
    assert row
    # Each entry names who it was.
    rows = database.execute(
        "SELECT action FROM audit_entry WHERE impersonator_id = %s ORDER BY id", [row["id"]]
    )
    assert [entry["action"] for entry in rows] == [
        "impersonation.started",
        "team.renamed",
        "impersonation.ended",
    ]


async def test_staff_do_not_read_a_secret_by_repeating_a_request(
    app: FastAPI,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    ann = make_user("ann@example.com")
    staff_id = make_user("staff@example.com", is_staff=True, is_superuser=True)
    path = f"{API}/teams/{make_team('Acme', owner=ann)}/api-keys"
    statuses = []
    for fields in ({}, {"kind": "impersonation", "impersonator_id": staff_id}):
        async with make_client(app, token=make_token(ann, **fields)) as client:
            answer = await client.post(
                path, json={"name": "x", "scopes": ["read"]}, headers={"Idempotency-Key": "one-key"}
            )
        statuses.append(answer.status_code)
    assert statuses == [201, 403]
    assert "key_" not in answer.text


async def test_nobody_acts_as_staff_or_by_a_link(
    staff: httpx.AsyncClient, database: Database, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com")
    make_user("helper@example.com", is_staff=True)
    assert (await start(staff, "helper@example.com")).status_code == 409
    assert (await start(staff, "nobody@example.com")).status_code == 422
    await staff.get(PATH, params={"email": "ann@example.com"})
    assert (await staff.post(PATH, data={"email": "ann@example.com"})).status_code == 403
    kinds = database.execute("SELECT kind FROM accounts_accesstoken").fetchall()
    assert {row["kind"] for row in kinds} == {"session"}
