"""Write work with `@task`, and ask for more of it from there with `enqueue`.

    @task(SendWelcomeMail)
    def send_welcome_mail(payload: SendWelcomeMail, session: Session) -> None: ...

The session is a synchronous one, because a worker runs one task at a time. Routes have an
asynchronous one, and `service.queue`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

import psycopg
from celery.signals import worker_process_init
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.outbox import Task, work, write
from service.celery import app
from service.db import database_url
from service.execute import executor
from service.teams.scope import ScopedSession

Payload = TypeVar("Payload", bound=Task)


@cache
def engine() -> Engine:
    """The engine of this process, made when its first task runs."""
    # Errors are logged and kept with dead letters; what people sent is not.
    return create_engine(database_url(), connect_args={"connect_timeout": 5}, hide_parameters=True)


@worker_process_init.connect
def forget_connections_of_the_parent(**_: Any) -> None:
    """A fork must not talk over its parent's sockets."""
    engine().dispose(close=False)


@dataclass(frozen=True)
class WorkTransaction:
    """The transaction that ends the work, and the session that takes part in it."""

    connection: Connection
    session: Session

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The connection itself, on which nothing was run yet."""
        return cast("psycopg.Connection[Any]", self.connection.connection.driver_connection)

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement; answers its rows, if it has any."""
        return executor(self.connection)(statement, parameters)


class WorkerDatabase:
    """The engine of this process, as a worker uses it."""

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement that commits by itself; on a new connection if the old one broke."""
        try:
            return self._execute(statement, parameters)
        except DBAPIError as error:
            # It broke between two tasks, as when the database was restarted.
            if not error.connection_invalidated:
                raise
            return self._execute(statement, parameters)

    def _execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        with engine().connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            return executor(connection)(statement, parameters)

    @contextmanager
    def begin(self) -> Iterator[WorkTransaction]:
        """A transaction for one task.

        The session works in a savepoint of it: a task may call `commit` or `rollback` without
        ending the transaction that holds its row.
        """
        with (
            engine().begin() as connection,
            ScopedSession(connection, join_transaction_mode="create_savepoint") as session,
        ):
            try:
                yield WorkTransaction(connection, session)
            except psycopg.OperationalError:
                # Nobody but the driver noticed that the connection broke.
                connection.invalidate()
                raise
            session.commit()


def enqueue(
    session: Session,
    task: Task,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    team_id: int | None = None,
) -> None:
    """Let a worker run the task once this session commits; see `core.outbox.Enqueue`."""
    execute = executor(session.connection())
    write.enqueue(execute, task, key=key, run_at=run_at, team_id=team_id)


def task(
    declaration: type[Payload],
) -> Callable[[Callable[[Payload, Session], None]], Callable[[Payload, Session], None]]:
    """Let the worker run the function for every row of this task, in a transaction with its row.

    The function stays what it was: tests call it with a payload and a session.
    """

    def register(
        function: Callable[[Payload, Session], None],
    ) -> Callable[[Payload, Session], None]:
        def run(payload: Payload, transaction: WorkTransaction) -> None:
            function(payload, transaction.session)

        @app.task(
            name=declaration.name,
            soft_time_limit=declaration.time_limit,
            time_limit=declaration.time_limit + 30,
        )
        def deliver(message_id: int) -> None:
            work.run(declaration, message_id, WorkerDatabase(), run)

        return function

    return register
