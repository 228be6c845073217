import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from core.env import get_settings

ALEMBIC = (sys.executable, "-m", "alembic")


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a database with nothing in it."""
    url = get_settings().database_url
    name = Identifier("migrations_test")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {}").format(name))
        connection.execute(SQL("CREATE DATABASE {}").format(name))
    old = str(conninfo_to_dict(url)["dbname"])
    yield url.removesuffix(old) + "migrations_test"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {}").format(name))


@pytest.fixture
def alembic(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets `run` reach the empty database."""
    monkeypatch.setenv("DATABASE_URL", empty_database)


def run(*arguments: str) -> None:
    """Run Alembic as a person would."""
    done = subprocess.run([*ALEMBIC, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def tables(url: str) -> set[str]:
    """The tables there, without Alembic's own."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    return {row[0] for row in rows} - {"alembic_version"}


@pytest.mark.usefixtures("alembic")
def test_the_migrations_make_what_the_models_say_and_can_go_back(empty_database: str) -> None:
    run("upgrade", "heads")
    run("check")
    assert tables(empty_database) >= {
        "accounts_user",
        "accounts_accesstoken",
        "account_emailaddress",
        "outbox_message",
        "outbox_deadletter",
        "outbox_schedule",
        "teams_membership",
        "audit_entry",
    }
    run("downgrade", "base")
    assert tables(empty_database) == set()
    run("upgrade", "heads")
    run("check")


def test_the_columns_have_no_defaults_that_django_does_not_have(
    database: psycopg.Connection[dict[str, Any]],
) -> None:
    rows = database.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_default IS NOT NULL"
    ).fetchall()
    assert rows == []


def test_two_people_cannot_have_verified_the_same_address(
    database: psycopg.Connection[dict[str, Any]],
) -> None:
    for number in (1, 2):
        database.execute(
            "INSERT INTO accounts_user"
            " (password, is_superuser, email, name, is_staff, is_active, date_joined)"
            " VALUES ('', false, %s, '', false, true, now())",
            [f"{number}@example.com"],
        )
    address = (
        'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
        " SELECT id, 'same@example.com', %s, false FROM accounts_user WHERE email = %s"
    )
    database.execute(address, [True, "1@example.com"])
    database.execute(address, [False, "2@example.com"])
    with pytest.raises(psycopg.errors.UniqueViolation):
        database.execute("UPDATE account_emailaddress SET verified = true")
