"""`Idempotency-Key`: an equal request gets the same answer; `core.api.idempotency` explains."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from core.api.idempotency import (
    CLAIM,
    FIND,
    FINISH,
    HEADER,
    StoredAnswer,
    attempt,
    finished,
    replayed,
)

REPLAYED = "Idempotent-Replayed"
# What else belongs to an answer, besides its status and its body.
KEPT = ("content-type", "etag")


async def once(
    request: Request, session: AsyncSession, caller: str, answer: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer, or that which an equal request got before.

    All of it in the transaction of the session, which whoever calls this commits. A request that
    fails rolls back, and with it goes the row: it may be repeated.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return await answer()
    path = request.url.path
    made = attempt(caller, key, request.method, path, await request.body())
    connection = await session.connection()
    claimed = await connection.exec_driver_sql(CLAIM, made.parameters)
    if claimed.first() is None:
        found = (await connection.exec_driver_sql(FIND, made.parameters)).mappings().first()
        if found is not None:
            return again(replayed(made, **found))
        # It was just now too old; so this request is the first again.
        return await once(request, session, caller, answer)
    response = await answer()
    headers = {name: response.headers[name] for name in KEPT if name in response.headers}
    body = bytes(response.body).decode()
    done = finished(made, response.status_code, headers, body)
    await connection.exec_driver_sql(FINISH, done)
    return response


def again(stored: StoredAnswer) -> Response:
    """The stored answer, marked as such."""
    return Response(stored.body, stored.status, {**stored.headers, REPLAYED: "true"})
