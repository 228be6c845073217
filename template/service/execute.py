"""How `core` talks to the database here."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from core.outbox.write import Execute


def executor(connection: Connection) -> Execute:
    """Runs statements in the transaction of a connection."""

    def execute(statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        result = connection.exec_driver_sql(statement, dict(parameters))
        return result.all() if result.returns_rows else ()

    return execute
