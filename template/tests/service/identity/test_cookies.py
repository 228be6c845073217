"""Sessions in a cookie: as good as a bearer token, and no other site can use them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Response

from core.env import get_settings
from service.identity.cookie import NAME, cookie_name, set_cookie
from service.identity.dependencies import CurrentCaller
from tests.service.conftest import make_client
from tests.service.schema import WHO_AM_I

pytestmark = pytest.mark.anyio


@pytest.fixture
def change_something(app: FastAPI) -> Iterator[str]:
    """A route that changes something for a caller."""

    async def change(caller: CurrentCaller) -> int:
        return caller.id

    app.router.add_api_route("/change", change, methods=["POST", "PUT", "PATCH", "DELETE"])
    yield "/change"
    app.router.routes.pop()


def with_cookie(app: FastAPI, token: str) -> httpx.AsyncClient:
    """A browser with a session."""
    client = make_client(app)
    client.cookies.set(cookie_name(), token)
    return client


async def test_a_cookie_opens_the_door_and_a_bearer_token_goes_before_it(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    ann, dee = make_user("ann@example.com"), make_user("dee@example.com")
    async with with_cookie(app, make_token(ann)) as browser:
        assert (await browser.get(WHO_AM_I)).json()["id"] == ann
        bearer = {"Authorization": f"Bearer {make_token(dee)}"}
        assert (await browser.get(WHO_AM_I, headers=bearer)).json()["id"] == dee
        # A wrong token is not made good by the cookie.
        wrong = await browser.get(WHO_AM_I, headers={"Authorization": "Bearer session_wrong"})
        assert wrong.status_code == 401


async def test_a_wrong_cookie_opens_nothing(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    expired = make_token(make_user(), hours=-1)
    for token in (expired, "session_never", ""):
        async with with_cookie(app, token) as browser:
            assert (await browser.get(WHO_AM_I)).status_code == 401


OURS = "http://testserver"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": OURS, "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": OURS}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "http://testserver:81"}, 403),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": OURS, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": OURS, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        # Where a page was read from is no proof of where a request came from.
        ({"Referer": f"{OURS}/"}, 403),
    ],
)
async def test_no_other_site_changes_anything_with_the_cookie(
    app: FastAPI,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    change_something: str,
    method: str,
    headers: dict[str, str],
    status: int,
) -> None:
    assert get_settings().origin == OURS
    async with with_cookie(app, make_token(make_user())) as browser:
        answer = await browser.request(method, change_something, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:problem:cross-site-request"


async def test_programs_need_no_origin(
    app: FastAPI,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    change_something: str,
) -> None:
    async with make_client(app, token=make_token(make_user())) as program:
        assert (await program.post(change_something)).status_code == 200


async def test_in_production_the_cookie_is_for_this_host_and_tls_alone(
    environment: Callable[..., None],
) -> None:
    response = Response()
    environment(ENVIRONMENT="production", ORIGIN="https://app.example.com")
    set_cookie(response, "session_abc", datetime(2030, 1, 1, tzinfo=UTC))
    header = response.headers["Set-Cookie"]
    assert header.startswith(f"__Host-{NAME}=session_abc;")
    parts = {part.strip().lower() for part in header.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} < parts
    assert "domain" not in header.lower()
