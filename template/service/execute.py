"""How `core` talks to the database here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from core.outbox.write import Execute

P = ParamSpec("P")
T = TypeVar("T")


def executor(connection: Connection) -> Execute:
    """Runs statements in the transaction of a connection."""

    def execute(statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        result = connection.exec_driver_sql(statement, dict(parameters))
        return result.all() if result.returns_rows else ()

    return execute


async def in_session(
    session: AsyncSession,
    action: Callable[Concatenate[Execute, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """What a function of `core` answers, in the session's transaction; raises what it raises."""
    return await session.run_sync(lambda sync: action(executor(sync.connection()), *args, **kwargs))
