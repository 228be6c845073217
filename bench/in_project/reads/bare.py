"""The least: FastAPI, and the same question to the database."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from core.tokens import digest

CALLER = """
    SELECT "user".id, "user".email, "user".name, token.id AS token_id, token.kind
    FROM accounts_accesstoken AS token JOIN accounts_user AS "user" ON "user".id = token.user_id
    WHERE token.digest = %s AND token.expires_at > now() AND "user".is_active
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncConnectionPool(
        os.environ["DATABASE_URL"],
        connection_class=AsyncConnection[DictRow],
        kwargs={"autocommit": True, "row_factory": dict_row},
        min_size=2,
        max_size=16,
        open=False,
    ) as app.state.pool:
        yield


async def current_user(request: Request) -> dict[str, Any]:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    async with request.app.state.pool.connection() as connection:
        cursor = await connection.execute(CALLER, [digest(token)])
        row: dict[str, Any] | None = await cursor.fetchone()
    if row is None:
        raise HTTPException(401)
    return row


CurrentUser = Annotated[dict[str, Any], Depends(current_user)]
app = FastAPI(lifespan=lifespan)


@app.get("/me")
async def me(user: CurrentUser) -> dict[str, Any]:
    return user
