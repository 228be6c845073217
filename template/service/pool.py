"""The connections of the hot paths: psycopg and plain SQL, about eight times cheaper than an ORM.

Documentation: https://www.psycopg.org/psycopg3/docs/advanced/pool.html
"""

from typing import Annotated, Any

from fastapi import Depends, Request
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from core.env import get_settings

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]

# How long a request may wait for a connection before it is answered with 503, in seconds.
WAIT = 5.0


def make_pool() -> Pool:
    """A closed pool. Its connections commit each statement: one look-up is one statement."""
    return AsyncConnectionPool(
        get_settings().database_url,
        connection_class=AsyncConnection[DictRow],
        kwargs={"autocommit": True, "row_factory": dict_row, "connect_timeout": 5},
        min_size=2,
        max_size=16,
        timeout=WAIT,
        open=False,
    )


async def get_pool(request: Request) -> Pool:
    """The pool that the lifespan opened. Async, because FastAPI runs the rest in threads."""
    pool: Pool = request.app.state.pool
    return pool


CurrentPool = Annotated[Pool, Depends(get_pool)]
Row = dict[str, Any]
