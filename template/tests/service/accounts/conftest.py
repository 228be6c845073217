"""A real worker, and what people do with the API."""

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio.to_thread
import httpx
import psycopg
import pytest

from core.env import get_settings
from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.thread import Mailbox
from service import limits
from tests import PATIENCE
from tests.background import Background, relay_and_worker
from tests.service.conftest import PASSWORD

API = "/api/v1"
# Before the application starts: on a busy machine the counter may be slow without being away.
limits.TIMEOUT = PATIENCE


@pytest.fixture(scope="package")
def worker(database: psycopg.Connection[dict[str, Any]]) -> Iterator[Background]:
    """A relay and a worker; the tests of other folders look at rows that nobody takes."""
    with relay_and_worker("service.celery", get_settings().database_url) as worker:
        yield worker


@pytest.fixture
def idle_worker(worker: Background, database: psycopg.Connection[dict[str, Any]]) -> Background:
    """The worker, after it has done all that earlier tests gave it."""
    deadline = time.monotonic() + PATIENCE
    while database.execute("SELECT 1 FROM outbox_message WHERE done_at IS NULL").fetchone():
        assert time.monotonic() < deadline, "the worker does not come to an end"
        time.sleep(0.02)
    return worker


@pytest.fixture
def mail(idle_worker: Background, mailbox: Mailbox) -> Callable[..., Awaitable[CaughtMail]]:
    """Waits for a mail."""

    async def wait(to: str, subject: str | None = None) -> CaughtMail:
        return await anyio.to_thread.run_sync(partial(mailbox.wait, to=to, subject=subject))

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
