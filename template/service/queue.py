"""Ask for work with `enqueue`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from psycopg import AsyncConnection

from core.outbox import Enqueue, Task
from core.outbox.write import INSERT


class SqlConnection(Protocol):
    """SQLAlchemy's `AsyncConnection`."""

    async def exec_driver_sql(self, statement: str, parameters: Mapping[str, Any]) -> object:
        """Hand a statement to the driver as it is."""


class SqlSession(Protocol):
    """SQLAlchemy's `AsyncSession`; named by what is used of it, since not every stack has it."""

    async def connection(self) -> SqlConnection:
        """The connection of the session's transaction."""


async def enqueue(
    transaction: SqlSession | AsyncConnection[Any],
    task: Task,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    team_id: int | None = None,
) -> None:
    """Let a worker run the task once this transaction commits; see `core.outbox.Enqueue`.

    Hand over the session, or the connection, that the change itself is made with. The connections
    of `service.pool` commit each statement, so open a transaction around both:

        async with pool.connection() as connection, connection.transaction():
            await connection.execute("INSERT ...")
            await enqueue(connection, SendMail(...))
    """
    parameters = Enqueue(task, key=key, run_at=run_at, team_id=team_id).parameters
    if isinstance(transaction, AsyncConnection):
        await transaction.execute(INSERT, parameters)
    else:
        connection = await transaction.connection()
        await connection.exec_driver_sql(INSERT, parameters)
