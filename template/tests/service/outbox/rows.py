"""Looks at the outbox."""

from typing import Any

import psycopg


def messages(database: psycopg.Connection[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """The task and payload of each row, in order."""
    rows = database.execute("SELECT task, payload FROM outbox_message ORDER BY id").fetchall()
    return [(row["task"], row["payload"]) for row in rows]
