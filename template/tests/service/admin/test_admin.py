import re
from collections.abc import Callable

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.tokens import digest
from service.admin.login import COOKIE
from tests.service.accounts.factors import app_code, set_up_app
from tests.service.admin.conftest import csrf, log_in
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, object]]
PAGES = (
    "/admin/",
    "/admin/user/list",
    "/admin/email-address/list",
    "/admin/authenticator/list",
    "/admin/access-token/list",
    "/admin/act-as",
    "/admin/team/list",
    "/admin/membership/list",
    "/admin/invitation/list",
    "/admin/api-key/list",
    "/admin/entry/list",
    "/admin/queue",
    "/admin/message/list",
    "/admin/dead-letter/list",
    "/admin/schedule/list",
)


async def test_strangers_are_sent_to_the_login(client: httpx.AsyncClient) -> None:
    for path in PAGES:
        answer = await client.get(path)
        assert answer.status_code == 303, path
        assert "/admin/login" in answer.headers["Location"], path


@pytest.mark.parametrize(
    "fields", [{}, {"is_staff": True, "is_active": False}, {"is_staff": True, "verified": False}]
)
async def test_who_is_not_staff_is_told_no_more_than_a_stranger(
    client: httpx.AsyncClient, make_user: Callable[..., int], fields: dict[str, bool]
) -> None:
    make_user("ann@example.com", **fields)
    known = await log_in(client, "ann@example.com")
    unknown = await log_in(client, "nobody@example.com")
    assert known.status_code == unknown.status_code == 400
    secrets = r'value="[^"]+"|nonce="[^"]+"'
    assert re.sub(secrets, "", known.text) == re.sub(secrets, "", unknown.text)
    assert COOKIE not in client.cookies


async def test_a_token_of_somebody_who_is_not_staff_opens_nothing(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    async with make_client(app) as client:
        client.cookies.set(COOKIE, make_token(make_user()))
        assert (await client.get("/admin/")).status_code == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    app: FastAPI,
    client: httpx.AsyncClient,
    make_user: Callable[..., int],
    environment: Callable[..., None],
) -> None:
    make_user("staff@example.com", is_staff=True)
    cookie = (await log_in(client, "staff@example.com")).headers["Set-Cookie"]
    assert re.match(rf"{COOKIE}=session_", cookie)
    assert {"HttpOnly", "SameSite=lax", "Path=/admin"} <= set(cookie.split("; "))
    environment(ORIGIN="https://testserver")
    async with make_client(app) as other:
        cookie = (await log_in(other, "staff@example.com")).headers["Set-Cookie"]
    assert "Secure" in cookie.split("; ")


async def test_staff_find_people_and_no_page_shows_a_secret(
    staff: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    ann = make_user("ann@example.com")
    token = make_token(ann)
    rows = database.execute("SELECT password FROM accounts_user").fetchall()
    secrets = ["argon2", digest(token), token, *(str(row["password"]) for row in rows)]
    session = database.execute(
        "SELECT id FROM accounts_accesstoken WHERE digest = %s", [digest(token)]
    ).fetchone()
    assert session
    details = (
        f"/admin/user/detail?pk={ann}",
        f"/admin/user/edit?pk={ann}",
        f"/admin/access-token/detail?pk={session['id']}",
    )
    for path in (*PAGES, *details):
        page = await staff.get(path)
        assert page.status_code == 200, path
        assert not [secret for secret in secrets if secret in page.text], path
        foreign = re.findall(r"""(?:src=|href=|url\()["']?https?://(?!testserver)""", page.text)
        assert not foreign, path
    found = await staff.get("/admin/user/list", params={"q": "ann@"})
    assert "ann@example.com" in found.text


async def test_a_form_of_another_site_changes_nothing(
    staff: httpx.AsyncClient, database: Database, make_user: Callable[..., int]
) -> None:
    ann = make_user("ann@example.com")
    answer = await staff.post(f"/admin/user/edit?pk={ann}", data={"name": "Hacked"})
    assert answer.status_code == 403
    row = database.execute("SELECT name FROM accounts_user WHERE id = %s", [ann]).fetchone()
    assert row == {"name": "Ann"}


async def test_a_user_is_edited_and_the_password_cannot_be(
    staff: httpx.AsyncClient, database: Database, make_user: Callable[..., int]
) -> None:
    ann = make_user("ann@example.com")
    path = f"/admin/user/edit?pk={ann}"
    before = database.execute("SELECT * FROM accounts_user WHERE id = %s", [ann]).fetchone()
    assert before
    form = {"name": "Dee", "is_active": "on", "password": "x", "email": "x@example.com"}
    answer = await staff.post(path, data={**form, "csrftoken": await csrf(staff, path)})
    assert answer.status_code == 303, answer.text
    after = database.execute("SELECT * FROM accounts_user WHERE id = %s", [ann]).fetchone()
    assert after == {**before, "name": "Dee"}
    noted = database.execute(
        "SELECT target_id, details FROM audit_entry WHERE action = 'staff.user_changed'"
        " ORDER BY id DESC"
    ).fetchone()
    assert noted == {"target_id": ann, "details": {"changed": ["name"]}}


async def test_a_session_that_staff_end_is_noted(
    staff: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    ann = make_user("ann@example.com")
    token = digest(make_token(ann))
    find = "SELECT id FROM accounts_accesstoken WHERE digest = %s"
    row = database.execute(find, [token]).fetchone()
    assert row
    answer = await staff.post(
        "/admin/_api/access-token/row-action",
        params={"name": "delete", "pk": str(row["id"])},
        headers={"X-CSRFToken": await csrf(staff, "/admin/access-token/list")},
    )
    assert answer.status_code == 200, answer.text
    assert database.execute(find, [token]).fetchone() is None
    noted = database.execute("SELECT action, target_id FROM audit_entry ORDER BY id DESC")
    assert noted.fetchone() == {"action": "account.session_ended", "target_id": ann}


async def test_nobody_verifies_an_address_by_hand(
    staff: httpx.AsyncClient, database: Database, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com", verified=False)
    row = database.execute("SELECT id FROM account_emailaddress WHERE NOT verified").fetchone()
    assert row
    assert (await staff.get(f"/admin/email-address/edit?pk={row['id']}")).status_code == 403


async def test_staff_who_are_not_superusers_change_nobody(
    client: httpx.AsyncClient, make_user: Callable[..., int]
) -> None:
    me = make_user("staff@example.com", is_staff=True)
    await log_in(client, "staff@example.com")
    assert (await client.get("/admin/user/list")).status_code == 200
    for path in (f"/admin/user/edit?pk={me}", "/admin/user/create", "/admin/email-address/create"):
        assert (await client.get(path)).status_code == 403, path


async def test_logout_ends_the_session_and_needs_a_post(
    staff: httpx.AsyncClient, database: Database
) -> None:
    token = staff.cookies[COOKIE]
    assert (await staff.get("/admin/logout")).status_code == 405
    form = {"csrftoken": await csrf(staff, "/admin/")}
    assert (await staff.post("/admin/logout", data=form)).status_code == 303
    staff.cookies.set(COOKIE, token)
    assert (await staff.get("/admin/")).status_code == 303
    assert database.execute("SELECT 1 FROM accounts_accesstoken").fetchone() is None


async def test_guessing_at_the_admin_counts_like_guessing_at_the_api(
    client: httpx.AsyncClient, make_user: Callable[..., int]
) -> None:
    make_user("staff@example.com", is_staff=True)
    for _ in range(10):
        await client.post(
            "/api/v1/auth/login", json={"email": "staff@example.com", "password": "wrong"}
        )
    answer = await log_in(client, "staff@example.com")
    assert answer.status_code == 400
    assert "Try again in" in answer.text


async def test_scripts_run_by_nonce_only(staff: httpx.AsyncClient) -> None:
    for path in PAGES:
        page = await staff.get(path)
        nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
        assert nonce
        tags = re.findall(r"<script\b[^>]*>", page.text)
        assert tags
        assert all(f'nonce="{nonce[1]}"' in tag for tag in tags), path
        other = await staff.get(path)
        assert nonce[1] not in other.headers["Content-Security-Policy"]


async def test_staff_with_a_second_factor_are_asked_for_it(
    app: FastAPI,
    client: httpx.AsyncClient,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    user_id = make_user("staff@example.com", is_staff=True)
    async with make_client(app, token=make_token(user_id)) as api:
        secret, codes = await set_up_app(api)
    for code in ("", "000000", "00000000", "x" * 100):
        refused = await log_in(client, "staff@example.com", code=code)
        assert refused.status_code == 400
        assert COOKIE not in client.cookies
    assert (await log_in(client, "staff@example.com", code=app_code(secret))).status_code == 303
    async with make_client(app) as other:
        used = await log_in(other, "staff@example.com", code=app_code(secret))
        assert used.status_code == 400
        answer = await log_in(other, "staff@example.com", code=codes[0])
        assert answer.status_code == 303


async def test_a_person_is_deleted_as_they_would_do_it_themselves(
    app: FastAPI,
    staff: httpx.AsyncClient,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    database: Database,
) -> None:
    user_id = make_user("ann@example.com")
    async with make_client(app, token=make_token(user_id)) as ann:
        await set_up_app(ann)
    # Also one who was locked out before.
    database.execute("UPDATE accounts_user SET is_active = false WHERE id = %s", [user_id])
    answer = await staff.post(
        "/admin/_api/user/row-action",
        params={"name": "delete", "pk": user_id},
        headers={"X-CSRFToken": await csrf(staff, "/admin/user/list")},
    )
    assert answer.status_code == 200, answer.text
    assert database.execute("SELECT email FROM accounts_user").fetchall() == [
        {"email": "staff@example.com"}
    ]
    noted = database.execute(
        "SELECT actor.email, target_id FROM audit_entry"
        " JOIN accounts_user AS actor ON actor.id = actor_id WHERE action = 'account.deleted'"
        " ORDER BY audit_entry.id DESC"
    ).fetchone()
    assert noted == {"email": "staff@example.com", "target_id": user_id}


async def test_staff_remove_a_lost_factor_and_its_owner_is_told(
    app: FastAPI,
    client: httpx.AsyncClient,
    staff: httpx.AsyncClient,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    database: Database,
) -> None:
    async with make_client(app, token=make_token(make_user("ann@example.com"))) as ann:
        secret, _ = await set_up_app(ann)
    row = database.execute("SELECT id FROM mfa_authenticator WHERE type = 'totp'").fetchone()
    assert row
    page = await staff.get("/admin/authenticator/detail", params={"pk": str(row["id"])})
    assert page.status_code == 200
    assert "seed" not in page.text
    assert secret not in page.text
    answer = await staff.post(
        "/admin/_api/authenticator/row-action",
        params={"name": "delete", "pk": str(row["id"])},
        headers={"X-CSRFToken": await csrf(staff, "/admin/authenticator/list")},
    )
    assert answer.status_code == 200, answer.text
    assert database.execute("SELECT 1 FROM mfa_authenticator").fetchone() is None
    told = database.execute("SELECT payload FROM outbox_message ORDER BY id DESC").fetchone()
    assert "our staff removed" in str(told)
