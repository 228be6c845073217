"""One origin for all processes: a reverse proxy that streams.

Which path goes to which process says `core.origin`, as in production. Nothing is buffered, so
server-sent events and uploads pass as they come.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from jinja2 import Environment
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from core.origin import process_for
from sandbox.mailbox.store import MailStore
from sandbox.offer import render_with
from sandbox.site import HEADERS, dev_pages

# A save in the editor and a reload of the page at once should not meet an error page: while a
# process starts, requests wait for it this long.
PATIENCE = 15.0  # seconds

# Headers of one connection, not of the message (RFC 9110, section 7.6.1).
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# What a client says of its own way here is not to be believed; `Expect` is answered by us.
FROM_CLIENT = frozenset({"expect", "forwarded", "x-real-ip"})


@dataclass
class Upstream:
    """A process behind the origin."""

    name: str
    port: int
    # Set while it answers, and while it is known not to; unset while it starts.
    is_settled: asyncio.Event = field(default_factory=asyncio.Event)


class Origin:
    """Forwards each request to the process that answers its path."""

    def __init__(self, upstreams: dict[str, Upstream], pages: Environment) -> None:
        self.upstreams = upstreams
        self.pages = pages

    async def session(self, _: web.Application) -> AsyncIterator[None]:
        """The connections to the processes, as long as the server runs.

        Each request gets a connection of its own: a kept one may belong to a process that was
        just restarted.
        """
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            max_line_size=64 * 1024,
            max_field_size=64 * 1024,
        ) as self.client:
            yield

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """Answer with what the process answers."""
        upstream = self.upstreams[process_for(request.path)]
        await wait_for(upstream.is_settled)
        address = f"http://127.0.0.1:{upstream.port}{request.rel_url.raw_path_qs}"
        try:
            async with self.client.request(
                request.method,
                URL(address, encoded=True),
                headers=forwarded_headers(request),
                data=request.content if request.can_read_body else None,
                allow_redirects=False,
            ) as answer:
                return await relay(request, answer)
        except aiohttp.ClientConnectorError:
            return self.unavailable(request, upstream)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return self.page(
                request,
                502,
                f"{upstream.name} broke off",
                "It ended before it had answered; its output in the terminal says why.",
            )

    def unavailable(self, request: web.Request, upstream: Upstream) -> web.Response:
        """Say whether the process is still starting or has ended."""
        if not upstream.is_settled.is_set():
            return self.page(request, 503, f"{upstream.name} is starting", "A moment.")
        return self.page(
            request,
            503,
            f"{upstream.name} is down",
            "Its output in the terminal says why. It starts again when a file changes.",
        )

    def page(self, request: web.Request, status: int, heading: str, advice: str) -> web.Response:
        """An error as a page for people, as text for programs."""
        headers = {**HEADERS, "Retry-After": "2"}
        if "text/html" not in request.headers.get("Accept", ""):
            return web.Response(status=status, text=f"{heading}. {advice}\n", headers=headers)
        html = self.pages.get_template("unavailable.html").render(heading=heading, advice=advice)
        return web.Response(status=status, text=html, content_type="text/html", headers=headers)


def origin_server(
    upstreams: dict[str, Upstream], store: MailStore, origin: str, folder: Path
) -> web.AppRunner:
    """The server of the one origin: `/dev` is the sandbox's, the rest is forwarded.

    A client that goes away cancels its request, which closes the connection to the process.
    """
    app = web.Application()
    pages = dev_pages(store, origin, folder)
    proxy = Origin(upstreams, pages[render_with])
    app.cleanup_ctx.append(proxy.session)
    app.add_subapp("/dev", pages)
    app.router.add_route("*", "/{path:.*}", proxy.forward)
    return web.AppRunner(
        app,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=1,
        max_line_size=64 * 1024,
        max_field_size=64 * 1024,
    )


async def wait_for(event: asyncio.Event) -> None:
    """Wait for the event, with patience that ends."""
    try:
        async with asyncio.timeout(PATIENCE):
            await event.wait()
    except TimeoutError:
        return


def forwarded_headers(request: web.Request) -> CIMultiDict[str]:
    """The client's headers for the process, with the truth of where the request came from."""
    headers = end_to_end(request.headers)
    for name in list(headers):
        if name.lower() in FROM_CLIENT or name.lower().startswith("x-forwarded-"):
            headers.popall(name, None)
    headers["X-Forwarded-For"] = request.remote or "127.0.0.1"
    headers["X-Forwarded-Proto"] = request.scheme
    headers["X-Forwarded-Host"] = request.host
    return headers


async def relay(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Pass an answer on, each piece when it comes."""
    response = web.StreamResponse(
        status=answer.status, reason=answer.reason, headers=end_to_end(answer.headers)
    )
    await response.prepare(request)
    try:
        async for piece in answer.content.iter_any():
            await response.write(piece)
    except aiohttp.ClientPayloadError:
        # The process broke off: break off too, or the client takes a part for the whole.
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response


def end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers that travel on."""
    named = {
        name.strip().lower()
        for value in headers.getall("Connection", [])
        for name in value.split(",")
    }
    left_out = HOP_BY_HOP | named
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in left_out
    )
