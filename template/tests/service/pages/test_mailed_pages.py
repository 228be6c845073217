import re
from collections.abc import Callable
from html import unescape

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.project import project
from service.accounts import links
from service.accounts.links import password_mark
from service.pages.render import environment
from tests.service.conftest import PASSWORD

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, object]]


@pytest.fixture
def verify_link(database: Database, make_user: Callable[..., int]) -> str:
    """The path that a mail to a new user names."""
    make_user("ann@example.com", verified=False)
    row = database.execute("SELECT id, email FROM account_emailaddress").fetchone()
    assert row
    return links.VERIFY_EMAIL.link(row).removeprefix("http://testserver")


@pytest.fixture
def reset_link(database: Database, make_user: Callable[..., int]) -> str:
    """The path that a mail to somebody who forgot the password names."""
    make_user("ann@example.com")
    row = database.execute("SELECT id, email, password FROM accounts_user").fetchone()
    assert row
    row["password"] = password_mark(str(row["password"]))
    return links.RESET_PASSWORD.link(row).removeprefix("http://testserver")


def verified(database: Database) -> bool:
    row = database.execute("SELECT verified FROM account_emailaddress").fetchone()
    assert row
    return bool(row["verified"])


def hidden_token(page: httpx.Response) -> str:
    match = re.search(r'name="token" value="([^"]+)"', page.text)
    assert match
    return unescape(match[1])


async def test_looking_at_the_link_changes_nothing_and_the_button_does(
    client: httpx.AsyncClient, database: Database, verify_link: str
) -> None:
    for _ in range(2):
        page = await client.get(verify_link)
        assert page.status_code == 200
        assert "ann@example.com" in page.text
    assert not verified(database)
    done = await client.post("/verify-email", data={"token": hidden_token(page)})
    assert done.status_code == 200
    assert "confirmed" in done.text
    assert verified(database)


async def test_who_did_not_sign_up_takes_the_account_over_instead_of_confirming_it(
    client: httpx.AsyncClient, database: Database, verify_link: str
) -> None:
    """Somebody may sign up with an address that is not theirs, and wait for its owner's click."""
    page = await client.get(verify_link)
    user = database.execute("SELECT * FROM accounts_user").fetchone()
    assert user
    assert f"{user['date_joined']:%B %Y}" in page.text
    match = re.search(r'action="(/reset-password/link)">\s*<input[^>]* value="([^"]+)"', page.text)
    assert match
    assert (await client.post(match[1], data={"email": unescape(match[2])})).status_code == 200
    asked = database.execute("SELECT payload FROM outbox_message").fetchall()
    assert [row["payload"] for row in asked] == [{"user_id": user["id"], "email": user["email"]}]


async def test_a_new_password_is_chosen_on_the_page_once(
    client: httpx.AsyncClient, database: Database, reset_link: str
) -> None:
    token = hidden_token(await client.get(reset_link))
    weak = await client.post("/reset-password", data={"token": token, "password": "password12"})
    assert weak.status_code == 422
    assert 'role="alert"' in weak.text
    new = {"token": token, "password": "quiet harbour lantern"}
    # Somebody who knew the old password may have connected an account of their own.
    database.execute(
        "INSERT INTO socialaccount_socialaccount"
        " (user_id, provider, uid, extra_data, last_login, date_joined)"
        " SELECT id, 'google', '1', '{}', now(), now() FROM accounts_user"
    )
    assert (await client.post("/reset-password", data=new)).status_code == 200
    assert database.execute("SELECT 1 FROM socialaccount_socialaccount").fetchone() is None
    assert (await client.post("/reset-password", data=new)).status_code == 400
    assert (await client.get(reset_link)).status_code == 400
    body = {"email": "ann@example.com", "password": new["password"]}
    assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200


async def test_asking_for_a_link_tells_nothing_about_the_address(
    client: httpx.AsyncClient, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com")
    assert 'name="email"' in (await client.get("/reset-password")).text
    known = await client.post("/reset-password/link", data={"email": "ann@example.com"})
    unknown = await client.post("/reset-password/link", data={"email": "bob@example.com"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert known.status_code == 200
    bad = await client.post("/reset-password/link", data={"email": '"><script>'})
    assert bad.status_code == 422
    assert "<script>" not in bad.text


@pytest.mark.parametrize("path", ["/verify-email", "/reset-password"])
async def test_a_broken_link_is_a_page_that_says_so(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, params={"token": '"><script>alert(1)</script>'})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script" not in answer.text
    assert PASSWORD not in answer.text


async def test_too_many_attempts_get_a_page_with_retry_after(client: httpx.AsyncClient) -> None:
    for _ in range(5):
        await client.post("/reset-password/link", data={"email": "ann@example.com"})
    answer = await client.post("/reset-password/link", data={"email": "ann@example.com"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_pages_load_only_our_stylesheet_and_have_no_script(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert "<script" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    for address in re.findall(r'<link[^>]* href="([^"]+)"', page.text):
        assert (await client.get(address)).status_code == 200


async def test_a_form_is_sent_with_its_origin(client: httpx.AsyncClient, verify_link: str) -> None:
    """Under `no-referrer` a browser says `Origin: null`, and the answer would be 403."""
    for address in ("/reset-password", verify_link):
        page = await client.get(address)
        assert '<form method="post"' in page.text
        assert page.headers["Referrer-Policy"] == "strict-origin"


def test_names_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = type(project)(**{**vars(project), "name": "<script>x</script>"})
    monkeypatch.setitem(environment.globals, "project", hostile)
    html = environment.get_template("message.html").render(title="<b>", text="<i>")
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html
