"""Teams in a migrated database of their own, a sandbox, and what the teams do there."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from core.env import get_settings
from sandbox.processes import MIGRATE
from sandbox.stripe.thread import start
from tests.core.billing.actions.office import Office


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


@pytest.fixture
def office(tables: str) -> Iterator[Office]:
    """Somebody who sells, and an empty database. The sandbox's clock runs."""
    with start() as sandbox, psycopg.connect(tables) as connection:
        connection.execute("TRUNCATE outbox_message, accounts_user, teams_team CASCADE")
        connection.execute("TRUNCATE billing_customer CASCADE")
        connection.commit()
        yield Office(sandbox, connection, tables)
