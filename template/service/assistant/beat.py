"""What a process says to the database of the answers that it writes, all in one statement.

Every second it asks which of them are to be stopped: whoever asks for that may have reached another
process. Every third time it also says that it is alive, see `core/assistant/sweep.py`, and keeps
what was written so far, so that no more than some seconds are lost if it is killed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import count

import structlog
from psycopg import OperationalError, sql

from service.assistant.runs import Run
from service.assistant.stream import Why, Works
from service.pool import Pool

PAUSE = 1.0  # seconds
# An update of each answer every second would be most of what the database does for it.
KEEPS = 3  # one beat in so many

ASKED = sql.SQL("""
    SELECT id FROM assistant_message WHERE id = ANY(%(ids)s::bigint[]) AND stop_asked
""")
# Who has a row locked ends it or deletes it; waiting for several in turn could be a deadlock.
KEEP = sql.SQL("""
    WITH free AS MATERIALIZED (
        SELECT message.id, written.content, written.tokens
        FROM assistant_message AS message
        JOIN unnest(%(ids)s::bigint[], %(contents)s::text[], %(tokens)s::int[])
             AS written (id, content, tokens) ON written.id = message.id
        WHERE message.status = 'streaming'
        FOR NO KEY UPDATE OF message SKIP LOCKED
    ), kept AS (
        UPDATE assistant_message AS message
        SET seen_at = clock_timestamp(), content = coalesce(free.content, message.content),
            completion_tokens = free.tokens
        FROM free WHERE message.id = free.id
        RETURNING message.id, message.stop_asked
    )
    SELECT id FROM kept WHERE stop_asked
""")

log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def open_beat(pool: Pool, works: Works) -> AsyncIterator[None]:
    """Beat until the block ends."""
    task = asyncio.create_task(go_on(pool, works))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def go_on(pool: Pool, works: Works) -> None:
    """Beat; while nothing is written the database hears nothing."""
    for number in count(1):
        await asyncio.sleep(PAUSE)
        runs = {each.message_id: each for each in works.going if isinstance(each, Run)}
        if not runs:
            continue
        try:
            await beat(pool, runs, is_keeping=number % KEEPS == 0)
        except OperationalError as error:
            log.warning("answers not kept meanwhile", error=type(error).__name__)
        except Exception:
            log.exception("answers not kept meanwhile")


async def beat(pool: Pool, runs: dict[int, Run], *, is_keeping: bool) -> None:
    """Stop what is to be stopped; if `is_keeping`, keep what is written."""
    ids = list(runs)
    written = {each: len(runs[each].parts) for each in ids}
    change = {
        "ids": ids,
        # None for what did not grow.
        "contents": [run.content if run.parts[run.kept :] else None for run in runs.values()],
        "tokens": [run.received for run in runs.values()],
    }
    async with pool.connection() as connection:
        cursor = await connection.execute(
            *((KEEP, change) if is_keeping else (ASKED, {"ids": ids}))
        )
        asked = await cursor.fetchall()
    for row in asked:
        runs[row["id"]].stop(Why.ASKED)
    if is_keeping:
        for each, run in runs.items():
            run.kept = written[each]
