"""What the tests of the pages share."""

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client

from sandbox.mailbox.mail import CaughtMail
from tests.background import Background, relay_and_worker
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


def proven_by_session(user: User) -> Client:
    """A browser whose session says that the password was just shown again."""
    browser = Client()
    browser.force_login(user)
    session = browser.session
    records = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


def code_in(mail: CaughtMail) -> str:
    """The code that a mail asks to be typed in."""
    (code,) = re.findall(r"^ +([A-Z]{4}-[A-Z]{4})\s*$", mail.text, re.MULTILINE)
    return str(code)


@pytest.fixture
def browser(user: User) -> Client:
    """The browser in which `user` is signed in."""
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture(scope="session")
def background_work(django_db_setup: None) -> Iterator[Background]:
    """A relay and a worker for the session, on the test's database."""
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    url = f"{server}/{connection.settings_dict['NAME']}"
    with relay_and_worker("web.celery", url) as worker, connection.execute_wrapper(messages_first):
        yield worker


def messages_first(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Before all tables are emptied, let the worker finish what it is at, and begin nothing else.

    Django's flush takes the tables in an order that is another in each run. A task may hold one
    that the flush waits for, and wait for one that the flush holds; whoever works has
    `outbox_message` before any other table (see `core.outbox`), so the flush gets it first too.
    """
    if sql.startswith("TRUNCATE"):
        execute("LOCK TABLE outbox_message", None, False, context)
    return execute(sql, params, many, context)


@pytest.fixture
def worker(transactional_db: None, background_work: Background) -> Background:
    """The worker, for a test whose transactions commit."""
    return background_work
