"""Answers whose process was killed are ended here as well: by whoever finds them in the way."""

from psycopg import AsyncConnection

from core.assistant.sweep import FAIL_LOST, lost
from service.assistant.plan import spend
from service.pool import Pool, Row


async def fail_lost(connection: AsyncConnection[Row], team_id: int) -> None:
    """Mark those of a team as failed, and count their tokens, in the caller's transaction."""
    for row in await (await connection.execute(FAIL_LOST, lost(team_id))).fetchall():
        await spend(connection, row["team_id"], row["tokens"])


async def fail_lost_now(pool: Pool, team_id: int) -> None:
    """The same in a transaction of its own."""
    async with pool.connection() as connection, connection.transaction():
        await fail_lost(connection, team_id)
