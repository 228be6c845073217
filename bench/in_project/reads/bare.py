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
from service.identity.queries import CALLER


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
        cursor = await connection.execute(CALLER, {"digest": digest(token)})
        row: dict[str, Any] | None = await cursor.fetchone()
    if row is None:
        raise HTTPException(401)
    return row


CurrentUser = Annotated[dict[str, Any], Depends(current_user)]
app = FastAPI(lifespan=lifespan)


@app.get("/me")
async def me(user: CurrentUser) -> dict[str, Any]:
    names = {"id": "user_id", "email": "email", "name": "name", "token": "kind"}
    return {name: user[column] for name, column in names.items()}
