"""A real worker, and what people do with the API."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio.to_thread
import httpx
import pytest

from core.tasks import PURGE_EXPIRED
from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.thread import Mailbox
from service.celery import app as celery
from tests.service.conftest import PASSWORD

API = "/api/v1"


class Worker:
    """A Celery worker in a process of its own, and what it writes."""

    def __init__(self, **environment: str) -> None:
        command = [sys.executable, "-m", "celery", "-A", "service.celery", "worker"]
        self.process = subprocess.Popen(
            [*command, "--pool=solo", "--without-gossip", "--without-mingle"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "LOG_FORMAT": "json", **environment},
        )
        self.lines: list[str] = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()

    def wait_for(self, *words: str) -> str:
        """The first line with all the words, there or still to come."""

        def found() -> str | None:
            return next((line for line in self.lines if all(word in line for word in words)), None)

        with self.news:
            line = self.news.wait_for(found, timeout=20)
        assert line, "".join(self.lines)
        return line

    def stop(self) -> None:
        """End it and read what is left."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        self.reader.join()
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """A worker on the broker of the tests."""
    worker = Worker()
    yield worker
    worker.stop()


@pytest.fixture
def idle_worker(worker: Worker) -> Worker:
    """The worker, after it has done all that earlier tests gave it: it takes one at a time."""
    last = celery.send_task(PURGE_EXPIRED)
    worker.wait_for(f"{PURGE_EXPIRED}[{last.id}]", "succeeded")
    return worker


@pytest.fixture
def mail(idle_worker: Worker, mailbox: Mailbox) -> Callable[..., Awaitable[CaughtMail]]:
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
