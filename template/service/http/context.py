"""Gives each request its id, logs how it ended, and turns what nobody caught into a clean 500."""

import logging
from time import perf_counter

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.audit import SYSTEM, acting_as
from core.logs import REQUEST_ID_HEADER, bind_request_id, clear_request_id
from service.http.client import client_ip
from service.http.problems import for_status, respond
from service.http.trace import HEADER as TRACEPARENT
from service.http.trace import bind_traceparent

ON_THE_WIRE = REQUEST_ID_HEADER.lower().encode()

log = structlog.get_logger(__name__)


class RequestContext:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = bind_request_id(headers.get(REQUEST_ID_HEADER))
        bind_traceparent(headers.get(TRACEPARENT))
        started = perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                header = (ON_THE_WIRE, request_id.encode())
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        try:
            # Whoever turns out to be the caller is so no longer than the request lasts.
            with acting_as(SYSTEM):
                await self.app(scope, receive, send_with_id)
        finally:
            if log.isEnabledFor(logging.INFO):
                # The query is left out: the links in mails carry their tokens there.
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    milliseconds=round((perf_counter() - started) * 1000, 1),
                    ip=client_ip(scope),
                )
            clear_request_id()


class CatchErrors:
    """The innermost middleware, so that the answer to an error has every header of the others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            if scope["type"] != "http":
                raise
            log.exception("unhandled error")
            if started:
                # Half an answer is out: only the server can end it, by closing the connection.
                raise
            await respond(for_status(500))(scope, receive, send)
