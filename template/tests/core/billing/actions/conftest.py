"""Teams in a migrated database of their own, a sandbox, and what the teams do there."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from core.billing.sync import Sync
from core.env import get_settings
from sandbox.processes import MIGRATE
from sandbox.stripe.thread import RunningStripe, start
from tests.core.billing.actions.office import NAMES, Office
from tests.core.billing.catalog import CATALOG
from tests.emptying import empty


@pytest.fixture(scope="package")
def tables() -> str:
    """The address of a migrated database with nothing in it."""
    own = get_settings().database_url
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS billing_actions WITH (FORCE)")
        connection.execute("CREATE DATABASE billing_actions")
    address = urlunsplit(urlsplit(own)._replace(path="/billing_actions"))
    command = shlex.split(MIGRATE)
    subprocess.run(
        command, env={**os.environ, "DATABASE_URL": address}, check=True, capture_output=True
    )
    return address


@pytest.fixture(scope="package")
def sold() -> Iterator[RunningStripe]:
    """A sandbox that knows the plans, and nobody."""
    with start() as sandbox:
        Sync(sandbox.client(), CATALOG, NAMES).run()
        yield sandbox


@pytest.fixture
def office(tables: str, sold: RunningStripe) -> Iterator[Office]:
    """Somebody who sells, and an empty database. The sandbox's clock runs."""
    with start(like=sold) as sandbox, psycopg.connect(tables) as connection:
        empty(connection, "outbox_message", "accounts_user", "teams_team", "billing_customer")
        connection.commit()
        yield Office(sandbox, connection, tables)
