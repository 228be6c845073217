"""A full service refuses at once, finishes what it has begun, and says that it is alive."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from tests.service.http.granian import granian
from tests.waiting import until

LIMITS = {
    "SERVICE_MOST_REQUESTS": "2",
    "SERVICE_MOST_WAITING": "1",
    "SERVICE_MOST_STREAMS": "1",
    "SERVICE_STREAMS_END_SECONDS": "0",
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with (
        granian("tests.service.http.busy:app", **LIMITS) as (port, _),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield client


def counts(client: httpx.Client) -> dict[str, int]:
    found: dict[str, int] = client.get("/healthz").json()
    return found


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:problem:full"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def let_go_on(client: httpx.Client, taken: list[Future[httpx.Response]]) -> None:
    while not all(each.done() for each in taken):
        client.get("/readyz").raise_for_status()
    assert [each.result().json() for each in taken] == ["done"] * len(taken)


def test_what_is_too_much_is_refused_at_once_and_the_rest_is_done(client: httpx.Client) -> None:
    with ThreadPoolExecutor() as threads:
        taken = [threads.submit(client.get, "/work") for _ in range(3)]
        until(lambda: counts(client) == {"requests": 2, "waiting": 1, "streams": 0})
        began = time.monotonic()
        for _ in range(5):
            assert_refused(client.get("/work"))
        # Those at work would take until somebody lets them go on.
        assert time.monotonic() - began < 2
        let_go_on(client, taken)
    assert counts(client) == {"requests": 0, "waiting": 0, "streams": 0}


def test_streams_are_counted_apart(client: httpx.Client) -> None:
    with client.stream("GET", "/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: start"
        assert counts(client) == {"requests": 0, "waiting": 0, "streams": 1}
        assert_refused(client.get("/stream"))
        with ThreadPoolExecutor() as threads:
            taken = [threads.submit(client.get, "/work") for _ in range(2)]
            until(lambda: counts(client)["requests"] == 2)
            let_go_on(client, taken)
    until(lambda: counts(client)["streams"] == 0)
