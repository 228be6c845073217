"""A real worker, and what people do with the API."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio.to_thread
import httpx
import pytest

from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.thread import Mailbox
from tests.service.conftest import PASSWORD

API = "/api/v1"


@pytest.fixture(scope="session")
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker on the broker of the tests."""
    command = [sys.executable, "-m", "celery", "-A", "service.celery", "worker"]
    process = subprocess.Popen(
        [*command, "--pool=solo", "--without-gossip", "--without-mingle", "--loglevel=INFO"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LOG_FORMAT": "json"},
    )
    yield process
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


@pytest.fixture
def mail(worker: object, mailbox: Mailbox) -> Callable[..., Awaitable[CaughtMail]]:
    """Waits for a mail."""

    async def wait(to: str, subject: str | None = None) -> CaughtMail:
        return await anyio.to_thread.run_sync(
            partial(mailbox.wait, to=to, subject=subject, timeout=20)
        )

    return wait


def token_in(mail: CaughtMail) -> str:
    """The token of the link in a mail."""
    for link in mail.links:
        if token := parse_qs(urlsplit(link).query).get("token"):
            return token[0]
    raise AssertionError(f"no link with a token in {mail.subject!r}")


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    """POST below `/api/v1/auth`."""
    return await client.post(f"{API}/auth{path}", json=body)


async def log_in(
    client: httpx.AsyncClient, email: str = "ann@example.com", password: str = PASSWORD
) -> str:
    """Log in; the token."""
    answer = await post(client, "/login", email=email, password=password)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["token"]
    return token


def essence(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    """What a stranger can compare: everything but the request id."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    document = answer.json()
    document.pop("request_id", None)
    return answer.status_code, headers, document
