"""No request may fill the memory."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.problems import for_status, respond

MAX_BYTES = 1_048_576
# Their route counts for itself: each source of webhooks may send as much as it says.
COUNTED_ELSEWHERE = "/webhooks/"


class BodyLimit:
    """Refuses bodies over a mebibyte: by their announced length, and by counting what arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(COUNTED_ELSEWHERE):
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > MAX_BYTES:
            await respond(for_status(413))(scope, receive, send)
            return
        received = 0

        async def receive_and_count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_and_count, send)
