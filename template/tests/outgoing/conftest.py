"""The tables in a database of these tests' own, whichever framework makes them."""

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

import psycopg
import pytest

from core.outbox.write import Execute
from sandbox.processes import MIGRATE
from tests.emptying import empty

DATABASE = "test_outgoing"


@pytest.fixture(scope="package")
def database_url() -> Iterator[str]:
    """The migrated database."""
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}".encode())
        connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        url = urlsplit(server)._replace(path=f"/{DATABASE}").geturl()
        environment = {**os.environ, "DATABASE_URL": url}
        subprocess.run(shlex.split(MIGRATE), env=environment, check=True, capture_output=True)
        yield url
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection whose transaction nobody commits."""
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def execute(connection: psycopg.Connection) -> Execute:
    """How `core` talks to the database here."""

    def execute(statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        cursor = connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else ()

    return execute


@pytest.fixture
def committed(connection: psycopg.Connection) -> Iterator[None]:
    """Each statement commits, for other processes to see; nothing is left afterwards."""
    connection.autocommit = True
    yield
    empty(connection, "outbox_message", "accounts_user", "teams_team")
    connection.execute("TRUNCATE audit_entry")  # nobody may delete from it
    connection.autocommit = False


@pytest.fixture
def team(execute: Execute) -> int:
    """The id of a team."""
    return make_team(execute, "Ants")


@pytest.fixture
def other_team(execute: Execute) -> int:
    """The id of another."""
    return make_team(execute, "Bees")


def make_team(execute: Execute, name: str) -> int:
    """A team; answers its id."""
    statement = "INSERT INTO teams_team (name, created_at) VALUES (%(name)s, now()) RETURNING id"
    return int(execute(statement, {"name": name})[0][0])


def add_people(execute: Execute, team: int) -> None:
    """An owner, an admin, a member, and an admin whose account is closed."""
    for name, role, is_active in (
        ("ann", "owner", True),
        ("bob", "admin", True),
        ("eve", "member", True),
        ("old", "admin", False),
    ):
        execute(
            """
            WITH person AS (
                INSERT INTO accounts_user
                    (password, name, is_active, is_staff, is_superuser, date_joined, email)
                VALUES ('', %(name)s, %(is_active)s, false, false, now(), %(email)s)
                RETURNING id
            )
            INSERT INTO teams_membership (team_id, user_id, role, created_at)
            SELECT %(team)s, id, %(role)s, now() FROM person
            """,
            {
                "name": name,
                "is_active": is_active,
                "email": f"{name}@example.com",
                "team": team,
                "role": role,
            },
        )


def quiet_until(execute: Execute) -> datetime | None:
    """Until when the only endpoint is left alone."""
    ((until,),) = execute("SELECT quiet_until FROM outgoing_endpoint", {})
    return cast("datetime | None", until)
