"""What the service asks for over psycopg exists when its transaction committed, and not before."""

from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from core.logs import bind_request_id, clear_request_id
from core.tasks import PurgeExpired, SendWelcomeMail
from service.queue import enqueue
from tests.service.outbox.rows import messages

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


async def test_a_row_is_there_once_its_transaction_committed(
    app: FastAPI, database: Database
) -> None:
    bind_request_id("asked-for-by-a-test")
    async with app.state.pool.connection() as connection, connection.transaction():
        await enqueue(connection, SendWelcomeMail(user_id=7), key="seven", team_id=42)
        assert messages(database) == []
    clear_request_id()
    row = database.execute("SELECT * FROM outbox_message").fetchone()
    assert row
    assert (row["task"], row["payload"]) == ("accounts.send_welcome_mail", {"user_id": 7})
    assert (row["key"], row["team_id"]) == ("seven", 42)
    assert row["request_id"] == "asked-for-by-a-test"
    assert (row["attempts"], row["published_at"]) == (0, None)


async def test_a_rollback_leaves_nothing(app: FastAPI, database: Database) -> None:
    async with (
        app.state.pool.connection() as connection,
        connection.transaction(force_rollback=True),
    ):
        await enqueue(connection, PurgeExpired())
    assert messages(database) == []


async def test_a_key_is_taken_once(app: FastAPI, database: Database) -> None:
    for user_id in (1, 2):
        async with app.state.pool.connection() as connection, connection.transaction():
            await enqueue(connection, SendWelcomeMail(user_id=user_id), key="one")
    assert messages(database) == [("accounts.send_welcome_mail", {"user_id": 1})]
