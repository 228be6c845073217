"""The upstreams that are configured, and the one HTTP client for all of them.

aiohttp rather than httpx: it costs a tenth of the processor time at 32 callers.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, TypeVar

import aiohttp
from fastapi import Depends, Request
from yarl import URL

from core.env import get_settings
from core.logs import REQUEST_ID_HEADER, current_request_id
from core.project import project
from service.fanout.breaker import Breaker
from service.fanout.calls import Call, Reason, Reply, Result, Unanswered
from service.fanout.run import fan_out

K = TypeVar("K")
T = TypeVar("T")

# Connections of this process: to all, and to one, so that one that hangs leaves some to the rest.
CONNECTIONS = 400
CONNECTIONS_TO_ONE = 100

# A part of a path that leads elsewhere.
DOTS = re.compile(r"(^|/)\.\.?(/|$)")


class Upstreams:
    """The configured upstreams by their names, each with its breaker."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Mapping[str, str]) -> None:
        self.addresses = {name: URL(address) for name, address in addresses.items()}
        self.breakers = {name: Breaker() for name in addresses}
        self._session = session

    @property
    def names(self) -> tuple[str, ...]:
        """As `UPSTREAMS` names them."""
        return tuple(self.addresses)

    async def ask(
        self, calls: Mapping[K, Call[T]], *, deadline: float, at_most: int = 16
    ) -> dict[K, Result[T]]:
        """Make all calls at once and answer what became of each: see `service.fanout.run`."""
        return await fan_out(calls, self.send, self.breakers, deadline=deadline, at_most=at_most)

    async def send(self, call: Call[Any], headers: Mapping[str, str]) -> Reply:
        """Send a call once; raises `Unanswered`."""
        url = address_of(call, self.addresses[call.upstream])
        try:
            async with self._session.request(
                call.method,
                url,
                params=call.query,
                data=call.body,
                headers={**call.headers, **headers, **request_id_header()},
                # To follow one would be to call whom nobody has configured.
                allow_redirects=False,
            ) as response:
                if not 200 <= response.status < 300:
                    return Reply(response.status, retry_after=response.headers.get("Retry-After"))
                return Reply(response.status, await read(response, call.max_bytes))
        except aiohttp.ClientConnectorError as error:
            raise Unanswered(Reason.UNREACHABLE, was_sent=False) from error
        except aiohttp.ClientResponseError as error:
            raise Unanswered(Reason.UNREADABLE) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unanswered(Reason.UNREACHABLE) from error


async def read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The body; raises `Unanswered` as soon as it is longer than it may be."""
    if (response.content_length or 0) > max_bytes:
        response.close()
        raise Unanswered(Reason.TOO_LARGE)
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > max_bytes:
            response.close()
            raise Unanswered(Reason.TOO_LARGE)
    return bytes(body)


def address_of(call: Call[Any], upstream: URL) -> URL:
    """Where a call goes; raises `ValueError` for a path that leaves the upstream's address."""
    if DOTS.search(call.path):
        raise ValueError(f"the path of a call has no dots alone: {call.path!r}")
    return upstream.joinpath(call.path.lstrip("/"))


def request_id_header() -> dict[str, str]:
    """The id of the request that is the reason for a call, so that its logs can be found."""
    request_id = current_request_id()
    return {REQUEST_ID_HEADER: request_id} if request_id else {}


@contextlib.asynccontextmanager
async def open_upstreams(addresses: Mapping[str, str] | None = None) -> AsyncIterator[Upstreams]:
    """The upstreams that `UPSTREAMS` names, or others, while the process runs."""
    if addresses is None:
        addresses = get_settings().upstreams
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, limit_per_host=CONNECTIONS_TO_ONE)
    async with aiohttp.ClientSession(
        connector=connector,
        # The limits of time are the fan-out's.
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        # One caller's cookies are not the next one's.
        cookie_jar=aiohttp.DummyCookieJar(),
        # A few compressed bytes can be gigabytes: `max_bytes` counts what is kept.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": project.slug},
    ) as session:
        yield Upstreams(session, addresses)


async def get_upstreams(request: Request) -> Upstreams:
    """Those that the lifespan opened."""
    upstreams: Upstreams = request.app.state.upstreams
    return upstreams


CurrentUpstreams = Annotated[Upstreams, Depends(get_upstreams)]
