"""The application, its database and people in it.

The tables are made in the database that `DATABASE_URL` names, by whoever owns the schema.
"""

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.rows import dict_row, tuple_row
from redis import Redis

from core import env
from core.env import get_settings
from core.outbox.write import Execute
from core.passwords import hash_password
from core.tokens import digest, new_token
from tests.emptying import empty
from tests.service.plan import give_plan
from tests.service.schema import MIGRATE

PASSWORD = "violet kettle marches"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets environment variables for what is made after it; the rest of the test sees them too."""

    def change(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        env._load.cache_clear()

    yield change
    monkeypatch.undo()
    env._load.cache_clear()


@pytest.fixture(scope="session")
def database() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A connection to the migrated database; each statement commits."""
    subprocess.run(MIGRATE, check=True, capture_output=True)
    url = get_settings().database_url
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _clean(request: pytest.FixtureRequest) -> None:
    """Nobody in the tables, no work asked for and no attempt counted, when a test starts."""
    if "database" in request.fixturenames:
        database = request.getfixturevalue("database")
        with database.transaction():
            # First: this waits for the task that a worker is at, and lets it begin no other.
            empty(database, "outbox_message", "outbox_deadletter")
            empty(database, "accounts_user", "api_idempotencykey")
    with Redis.from_url(get_settings().redis_url) as valkey:
        # Not everything: the queue has keys of its own.
        for key in valkey.scan_iter("limits*"):
            valkey.delete(key)


@pytest.fixture(scope="session")
async def app(database: psycopg.Connection[dict[str, Any]]) -> AsyncIterator[FastAPI]:
    """The application, started once."""
    from service.main import app

    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger."""
    async with make_client(app) as client:
        yield client


@pytest.fixture
def make_user(database: psycopg.Connection[dict[str, Any]]) -> Callable[..., int]:
    """Makes a user with a verified address, `PASSWORD` and a personal team."""

    def make(email: str = "ann@example.com", *, verified: bool = True, **fields: Any) -> int:
        user = {
            "password": stored_password(),
            "name": "Ann",
            "is_active": True,
            "is_staff": False,
            "is_superuser": False,
            "date_joined": datetime.now(UTC),
            **fields,
        }
        user_id = insert(database, "accounts_user", email=email, **user)
        insert(
            database,
            "account_emailaddress",
            user_id=user_id,
            email=email,
            verified=verified,
            primary=True,
        )
        team_id = insert(
            database,
            "teams_team",
            name=user["name"],
            personal_user_id=user_id,
            created_at=datetime.now(UTC),
        )
        add_member(database, team_id, user_id, "owner")
        return user_id

    return make


@pytest.fixture
def make_team(database: psycopg.Connection[dict[str, Any]]) -> Callable[..., int]:
    """Makes a team with these people: `make_team("Acme", owner=ann, member=bob)`.

    It may do all that can be bought, unless it is `free`.
    """

    def make(
        name: str = "Acme", *, seat_limit: int | None = None, free: bool = False, **people: int
    ) -> int:
        team_id = insert(
            database, "teams_team", name=name, seat_limit=seat_limit, created_at=datetime.now(UTC)
        )
        if not free:
            give_plan(database, team_id)
        for role, user_id in people.items():
            add_member(database, team_id, user_id, role)
        return team_id

    return make


@pytest.fixture
def make_key(database: psycopg.Connection[dict[str, Any]]) -> Callable[..., str]:
    """Makes an API key of a team."""

    def make(team_id: int, *scopes: str, **fields: Any) -> str:
        key = new_token("key")
        insert(
            database,
            "teams_apikey",
            team_id=team_id,
            scopes=list(scopes or ("read",)),
            digest=digest(key),
            **{"name": "Test", "prefix": key[:10], "created_at": datetime.now(UTC), **fields},
        )
        return key

    return make


@pytest.fixture
def make_token(database: psycopg.Connection[dict[str, Any]]) -> Callable[..., str]:
    """Makes a token of a user."""

    def make(user_id: int, *, kind: str = "session", hours: float = 1, **fields: Any) -> str:
        token = new_token(kind)
        now = datetime.now(UTC)
        values = {
            "session_digest": "",
            "user_agent": "",
            "created_at": now,
            "expires_at": now + timedelta(hours=hours),
            **fields,
        }
        insert(
            database,
            "accounts_accesstoken",
            user_id=user_id,
            kind=kind,
            digest=digest(token),
            **values,
        )
        return token

    return make


def make_client(app: FastAPI, *, ip: str = "192.0.2.1", token: str = "") -> httpx.AsyncClient:
    """A client at an address, with or without a token."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(ip, 50_000), raise_app_exceptions=False),
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )


@cache
def stored_password() -> str:
    """`PASSWORD` as it is stored; hashed once for all who have it."""
    return hash_password(PASSWORD)


def add_member(
    database: psycopg.Connection[dict[str, Any]], team_id: int, user_id: int, role: str
) -> int:
    """Put somebody into a team; the membership's id."""
    return insert(
        database,
        "teams_membership",
        team_id=team_id,
        user_id=user_id,
        role=role,
        created_at=datetime.now(UTC),
    )


def insert(connection: psycopg.Connection[dict[str, Any]], table: str, **values: Any) -> int:
    """Insert a row; its id."""
    statement = psycopg.sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        psycopg.sql.Identifier(table),
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, values)),
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Placeholder, values)),
    )
    row = connection.execute(statement, values).fetchone()
    assert row
    return int(row["id"])


def execute_on(connection: psycopg.Connection[dict[str, Any]]) -> Execute:
    """How `core` talks to the tests' database; each statement commits."""

    def execute(statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        cursor = connection.cursor(row_factory=tuple_row)
        cursor.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else ()

    return execute
