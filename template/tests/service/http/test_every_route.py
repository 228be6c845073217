"""Every route is found by asking the application, so a new one is tested without being named."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.routing import BaseRoute, Mount, Route
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from core.logs import REQUEST_ID_HEADER
from service.http.headers import SecurityHeaders
from tests.service.conftest import make_client
from tests.service.schema import DOCS, WHO_AM_I

pytestmark = pytest.mark.anyio

EXPECTED = {
    "content-security-policy",
    "cross-origin-opener-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "cache-control",
    "x-request-id",
}


def paths(routes: list[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Every path below the routes, with 1 for each parameter."""
    for route in routes:
        if isinstance(route, Mount):
            yield f"{prefix}{route.path}/"
            yield from paths(route.routes or [], prefix + route.path)
        elif isinstance(route, Route):
            yield prefix + re.sub(r"{[^}]*}", "1", route.path)


def every_path(app: FastAPI) -> list[str]:
    """Every path of the application and of what is mounted in it."""
    documented = [re.sub(r"{[^}]*}", "1", path) for path in app.openapi()["paths"]]
    return sorted({*documented, *paths(list(app.routes))})


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_every_answer_has_the_security_headers(
    app: FastAPI, client: httpx.AsyncClient, method: str
) -> None:
    found = every_path(app)
    assert len(found) > 5
    for path in [*found, "/no/such/page"]:
        answer = await client.request(method, path)
        assert set(answer.headers) >= EXPECTED, path
        assert answer.status_code < 500, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        scripts = re.findall(r"script-src ([^;]*)", policy)
        assert "'unsafe-inline'" not in "".join(scripts), path
        assert "'unsafe-eval'" not in "".join(scripts), path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/no/such/page", 404), ("DELETE", "/healthz", 405), ("GET", WHO_AM_I, 401)],
)
async def test_errors_are_problem_documents(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("urn:problem:")
    assert document["request_id"] == answer.headers[REQUEST_ID_HEADER]


async def test_an_error_nobody_expected_says_nothing_and_has_all_headers(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async def explode() -> None:
        raise RuntimeError("secret-word")

    app.router.add_api_route("/explode", explode)
    try:
        with capture_logs([merge_contextvars]) as logs:
            answer = await client.get("/explode")
    finally:
        app.router.routes.pop()
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.headers) >= EXPECTED
    assert "secret-word" not in answer.text
    assert "Traceback" not in answer.text
    (logged,) = [line for line in logs if line["event"] == "unhandled error"]
    assert logged["request_id"] == answer.json()["request_id"]


async def test_a_good_request_id_is_kept_and_a_bad_one_replaced(client: httpx.AsyncClient) -> None:
    kept = await client.get("/healthz", headers={REQUEST_ID_HEADER: "abcd-1234_EFGH"})
    assert kept.headers[REQUEST_ID_HEADER] == "abcd-1234_EFGH"
    for bad in ("short", "x" * 65, 'quote"and space', "a" * 8 + "\t"):
        replaced = await client.get("/healthz", headers={REQUEST_ID_HEADER: bad})
        assert re.fullmatch(r"[0-9a-f]{32}", replaced.headers[REQUEST_ID_HEADER])


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "127.0.0.1.evil"])
async def test_another_host_name_is_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get(DOCS, headers={"Host": host})
    assert answer.status_code == 400
    assert set(answer.headers) >= EXPECTED
    probe = await client.get("/healthz", headers={"Host": host})
    assert probe.status_code == 200


@pytest.mark.parametrize("announced", [True, False])
async def test_a_huge_body_is_refused(
    app: FastAPI, client: httpx.AsyncClient, announced: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    async def take(request: Request) -> int:
        return len(await request.body())

    app.router.add_api_route("/take", take, methods=["POST"])
    try:
        fits = await client.post("/take", content=b"x" * 1_000_000)
        answer = await client.post("/take", content=b"x" * 2_000_000 if announced else chunks())
    finally:
        app.router.routes.pop()
    assert fits.json() == 1_000_000
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_strict_transport_header_is_sent_in_production_only(
    app: FastAPI, environment: Callable[..., None]
) -> None:
    header = "Strict-Transport-Security"
    async with make_client(app) as client:
        assert header not in (await client.get("/healthz")).headers
    environment(ENVIRONMENT="production", ORIGIN="https://app.example.com")
    headers = dict(SecurityHeaders(app).headers)
    assert b"max-age=31536000" in headers[header.lower().encode()]


class Addresses(HTMLParser):
    """What a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


async def test_the_page_of_the_api_needs_no_outside_network(client: httpx.AsyncClient) -> None:
    page = await client.get(DOCS)
    assert page.status_code == 200
    parser = Addresses()
    parser.feed(page.text)
    assert len(parser.found) >= 4
    for address in parser.found:
        if address == "data:,":
            continue
        assert re.match(r"/[^/]", address), address
        assert (await client.get(address)).status_code == 200, address
    policy = page.headers["Content-Security-Policy"]
    assert "http" not in policy
    assert "*" not in policy
