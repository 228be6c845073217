"""What the tests of the pages share."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client

from web.accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Every test starts with its rate limits unused."""
    cache.clear()


@pytest.fixture
def user(db: None) -> User:
    """Somebody with a verified address."""
    return make_user("ann@example.com", name="Ann")


@pytest.fixture
def staff(db: None) -> User:
    """Somebody who may use the admin."""
    return make_user("staff@example.com", is_staff=True, is_superuser=True)


def make_user(email: str, **fields: object) -> User:
    """A user with `PASSWORD` and a verified address."""
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.fixture
def browser(user: User) -> Client:
    """The browser in which `user` is signed in."""
    browser = Client()
    browser.force_login(user)
    return browser


@dataclass
class Worker:
    """A real worker in a process of its own, and what it logs."""

    process: subprocess.Popen[str]

    def log_until(self, *, event: str, request_id: str | None = None) -> None:
        """Read the log up to a record whose event holds this text, of this request if given."""
        assert self.process.stdout
        # Ends the log, and so the wait, of a worker that has nothing more to say.
        impatience = threading.Timer(60, self.process.kill)
        impatience.start()
        for line in self.process.stdout:
            record = json.loads(line) if line.startswith("{") else {"event": line}
            if event in record["event"] and request_id in (None, record.get("request_id")):
                impatience.cancel()
                return
        raise AssertionError(f"the worker ended before it logged {event!r} of {request_id}")


@pytest.fixture(scope="session")
def worker_process(django_db_setup: None) -> Iterator[Worker]:
    """One worker for the session, on the test's database."""
    parameters = connection.settings_dict
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{parameters['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "web.celery", "worker", "--pool=solo"],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    worker = Worker(process)
    try:
        worker.log_until(event=" ready.")
        yield worker
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def worker(transactional_db: None, worker_process: Worker) -> Worker:
    """The worker, for a test whose transactions commit."""
    return worker_process
