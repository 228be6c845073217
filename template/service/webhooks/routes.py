"""Where other companies tell what happened. `core.webhooks` explains what becomes of it."""

import psycopg
import structlog
from fastapi import FastAPI, Request, Response

from core.problems import Problem, for_status, unavailable
from core.sources import SOURCES
from core.webhooks.body import Refused
from core.webhooks.ledger import RECORD, Incoming
from core.webhooks.sources import NotSetUp
from service.pool import Pool

log = structlog.get_logger(__name__)


async def take_in(request: Request) -> Response:
    """Store the event and ask for its work, once; whoever sends it again is told the same."""
    source = request.path_params["source"]
    known = SOURCES.get(source)
    if known is None:
        raise for_status(404)
    body = await body_of(request, known.most_bytes)
    try:
        event = known.verify(body, request.headers)
    except NotSetUp as missing:
        log.error("webhook source not set up", source=source, reason=str(missing))
        raise unavailable("This source is not set up yet.") from None
    except Refused as refused:
        log.warning("webhook refused", source=source, reason=str(refused))
        raise Problem(400, "webhook-refused", "This is not believed", str(refused)) from None
    if event is not None:
        await store(request.app.state.pool, event)
    return Response(status_code=200)


def install(app: FastAPI) -> None:
    """Serve the route.

    It is Starlette's own: it takes nothing that FastAPI would have to read and check, at a fifth of
    the cost, and is not in the OpenAPI document, because each source says what it sends.
    """
    app.add_route("/webhooks/{source}", take_in, methods=["POST"])


async def body_of(request: Request, most_bytes: int) -> bytes:
    """The raw body, as the signature covers it; raises 413 as soon as it is too large."""
    announced = request.headers.get("Content-Length", "0")
    if not announced.isdecimal() or int(announced) > most_bytes:
        raise for_status(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise for_status(413)
    return bytes(body)


async def store(pool: Pool, event: Incoming) -> None:
    """Store the event and its task in one transaction; raises 503, so that it is sent again."""
    try:
        async with pool.connection() as connection:
            await connection.execute(RECORD, event.parameters)
    except psycopg.Error as error:
        log.error("webhook not stored", source=event.source, error=type(error).__name__)
        raise unavailable("The event could not be stored.") from None
