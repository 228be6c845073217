from collections.abc import Callable

import pytest
from fastapi import FastAPI

from core.tokens import digest
from tests.service.conftest import make_client
from tests.service.teams.conftest import API, Acme

pytestmark = pytest.mark.anyio


async def test_a_key_is_shown_once_works_and_ends_at_once(app: FastAPI, acme: Acme) -> None:
    made = await acme.ask("admin", "POST", "/api-keys", name="CI", scopes=["write", "read"])
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith(made.json()["prefix"])
    listed = await acme.ask("owner", "GET", "/api-keys")
    assert key not in listed.text
    assert digest(key) not in listed.text
    (shown,) = listed.json()["items"]
    assert (shown["name"], shown["scopes"], shown["created_by"], shown["expires_at"]) == (
        "CI",
        ["read", "write"],
        "Admin",
        None,
    )
    row = acme.database.execute("SELECT * FROM teams_apikey").fetchone()
    assert row
    assert key not in str(row)
    async with make_client(app, token=key) as program:
        assert (await program.get(f"{API}/teams/{acme.id}")).json()["role"] is None
        path = f"/api-keys/{shown['id']}"
        assert (await acme.ask("owner", "DELETE", path)).status_code == 204
        assert (await program.get(f"{API}/teams/{acme.id}")).status_code == 401
        assert (await acme.ask("owner", "DELETE", path)).status_code == 404
    assert [entry[0] for entry in acme.audit()] == ["api_key.created", "api_key.revoked"]


async def test_no_key_makes_keys_or_members(
    app: FastAPI, acme: Acme, make_key: Callable[..., str]
) -> None:
    async with make_client(app, token=make_key(acme.id, "read", "write")) as program:
        for path, body in (
            ("api-keys", {"name": "More"}),
            ("invitations", {"email": "x@example.com"}),
        ):
            answer = await program.post(f"{API}/teams/{acme.id}/{path}", json=body)
            assert answer.status_code == 403
        owner = acme.ids["owner"]
        answer = await program.delete(f"{API}/teams/{acme.id}/members/{owner}")
        assert answer.status_code == 403


async def test_members_see_no_keys(acme: Acme) -> None:
    assert (await acme.ask("member", "GET", "/api-keys")).status_code == 403
    assert (await acme.ask("member", "POST", "/api-keys", name="x")).status_code == 403


@pytest.mark.parametrize(
    "body",
    [{"scopes": []}, {"scopes": ["admin"]}, {"expires_in_days": 0}, {"team_id": 1}, {"name": " "}],
)
async def test_a_key_that_cannot_be_is_not_made(acme: Acme, body: dict[str, object]) -> None:
    answer = await acme.ask("owner", "POST", "/api-keys", **{"name": "x", **body})
    assert answer.status_code == 422
