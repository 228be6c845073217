"""How the queue is doing, asked without holding up the event loop."""

import asyncio

from psycopg.rows import tuple_row

from core.outbox.status import COUNT, QueueStatus, queue_status, workers_alive
from service.pool import Pool


async def current_status(pool: Pool) -> QueueStatus:
    """The state of the outbox now. Raises `redis.RedisError` when the broker is away."""
    workers = await asyncio.to_thread(workers_alive)
    return await status_of_rows(pool, workers)


async def status_of_rows(pool: Pool, workers: tuple[str, ...] = ()) -> QueueStatus:
    """The state of the outbox as far as the database knows it."""
    async with pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
        row = await (await cursor.execute(COUNT)).fetchone()
    assert row is not None  # noqa: S101  a count is always one row
    return queue_status(row, workers)
