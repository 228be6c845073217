"""Ask for work with `enqueue`, and write it with `@task`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

from core.outbox import Task, work, write
from web.celery import app

Payload = TypeVar("Payload", bound=Task)


class CurrentTransaction:
    """Django's transaction of this thread."""

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The connection itself, on which nothing was run yet."""
        connection.ensure_connection()
        driver: psycopg.Connection[Any] = connection.connection
        return driver

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement; answers its rows, if it has any."""
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else ()


class WorkerDatabase:
    """Django's connection, as a worker uses it."""

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement that commits by itself; on a new connection if the old one broke."""
        try:
            return CurrentTransaction().execute(statement, parameters)
        except (InterfaceError, OperationalError):
            # It broke between two tasks, as when the database was restarted.
            connection.close()
            return CurrentTransaction().execute(statement, parameters)

    @contextmanager
    def begin(self) -> Iterator[CurrentTransaction]:
        """A transaction for one task."""
        with transaction.atomic(durable=True):
            yield CurrentTransaction()


def enqueue(
    task: Task,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    team_id: int | None = None,
) -> None:
    """Let a worker run the task once the current transaction commits; see `core.outbox.Enqueue`."""
    execute = CurrentTransaction().execute
    write.enqueue(execute, task, key=key, run_at=run_at, team_id=team_id)


def task(
    declaration: type[Payload],
) -> Callable[[Callable[[Payload], None]], Callable[[Payload], None]]:
    """Let the worker run the function for every row of this task, in a transaction with its row.

    The function stays what it was: tests call it with a payload.
    """

    def register(function: Callable[[Payload], None]) -> Callable[[Payload], None]:
        @app.task(
            name=declaration.name,
            soft_time_limit=declaration.time_limit,
            time_limit=declaration.time_limit + 30,
        )
        def deliver(message_id: int) -> None:
            work.run(
                declaration, message_id, WorkerDatabase(), lambda payload, _: function(payload)
            )

        return function

    return register
