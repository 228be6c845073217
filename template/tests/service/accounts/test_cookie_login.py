"""A browser logs in: the token goes into a cookie."""

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from service.identity.cookie import NAME
from tests.service.accounts.conftest import API, post
from tests.service.conftest import PASSWORD, make_client

pytestmark = pytest.mark.anyio

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
LOGIN = {"email": "ann@example.com", "password": PASSWORD, "cookie": True}


async def test_a_browser_logs_in_acts_and_logs_out(
    app: FastAPI, make_user: Callable[..., int]
) -> None:
    make_user()
    async with make_client(app) as browser:
        browser.headers.update(OURS)
        answer = await post(browser, "/login", **LOGIN)
        assert answer.status_code == 200
        # A script on the page never sees the token.
        assert answer.json()["token"] is None
        assert answer.cookies[NAME] not in answer.text
        assert "httponly" in answer.headers["Set-Cookie"].lower()
        assert (await browser.get(f"{API}/me")).json()["email"] == "ann@example.com"
        assert (await browser.patch(f"{API}/me", json={"name": "Dee"})).status_code == 200
        copied = answer.cookies[NAME]
        assert (await post(browser, "/logout")).status_code == 204
        assert NAME not in browser.cookies
        browser.cookies.set(NAME, copied)
        assert (await browser.get(f"{API}/me")).status_code == 401


async def test_another_site_logs_no_browser_in(
    client: httpx.AsyncClient, make_user: Callable[..., int]
) -> None:
    make_user()
    for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await client.post(f"{API}/auth/login", json=LOGIN, headers=headers)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers


async def test_another_site_logs_no_browser_out(
    app: FastAPI, make_user: Callable[..., int]
) -> None:
    make_user()
    async with make_client(app) as browser:
        answer = await browser.post(f"{API}/auth/login", json=LOGIN, headers=OURS)
        assert answer.status_code == 200
        evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        for path in ("/auth/logout", "/auth/password/change"):
            assert (await browser.post(f"{API}{path}", headers=evil)).status_code in (403, 422)
        assert (await browser.get(f"{API}/me")).status_code == 200


async def test_a_form_of_another_site_is_not_read(
    client: httpx.AsyncClient, make_user: Callable[..., int]
) -> None:
    make_user()
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await client.post(
            f"{API}/auth/login",
            content=b'{"email": "ann@example.com", "password": "violet kettle marches"}',
            headers={"Content-Type": kind} if kind else {},
        )
        assert answer.status_code == 422, kind
