"""What a worker does, in this process: claims and runs rows over a connection of psycopg's."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg


class Transaction:
    """A transaction over a connection."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The connection itself."""
        return self.connection

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement; answers its rows."""
        cursor = self.connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else ()


class Database:
    """Each transaction on a connection of its own, as of workers that run beside each other."""

    def __init__(self, url: str) -> None:
        self.url = url

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement that commits by itself."""
        with self.begin() as transaction:
            return transaction.execute(statement, parameters)

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction for one task."""
        with psycopg.connect(self.url) as connection:
            yield Transaction(connection)
