"""The server that people run reads bodies that come in chunks, without a length."""

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest

from sandbox.ports import free_port
from tests import PATIENCE
from tests.background import background
from tests.waiting import wait_until_listening
from tests.web.webhooks.counting import MOST


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the server listens."""
    port = free_port()
    command = ("granian", "--interface", "wsgi", "--port", str(port))
    with background(*command, "tests.web.webhooks.counting:application", ready="Started worker"):
        wait_until_listening(port)
        yield port


def post(port: int, body: bytes, *, chunked: bool) -> tuple[int, str]:
    """What a body is answered with."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        sent = (body[start : start + 10_000] for start in range(0, len(body), 10_000))
        connection.request("POST", "/webhooks/counting", sent if chunked else body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip()


@pytest.mark.parametrize("chunked", [False, True])
def test_all_of_a_body_comes_and_not_too_much(port: int, *, chunked: bool) -> None:
    assert post(port, b"", chunked=chunked) == (400, "0 bytes came")
    assert post(port, b"x" * 12, chunked=chunked) == (400, "12 bytes came")
    assert post(port, b"x" * MOST, chunked=chunked) == (400, f"{MOST} bytes came")
    assert post(port, b"x" * (MOST + 1), chunked=chunked) == (413, "the body is too large")
