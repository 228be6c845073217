"""A database of the outbox tests' own, with the tables and nobody at work."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.outbox.world import World, world


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Servers for all tests of this folder."""
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def empty(servers: World) -> Iterator[World]:
    """The servers with empty tables; nobody is at work, and nobody is left afterwards."""
    servers.query(
        "TRUNCATE fault_request, fault_effect, outbox_message, outbox_deadletter, outbox_schedule"
    )
    yield servers
    servers.kill_all()


@pytest.fixture
def connection(empty: World) -> Iterator[psycopg.Connection]:
    """A connection to the empty tables; each statement commits."""
    with psycopg.connect(empty.postgres.url, autocommit=True) as connection:
        yield connection
