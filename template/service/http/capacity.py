"""A full service says so at once, and goes on with what it has begun.

So many requests are at work at a time and so many wait for their turn; what comes beyond that is
answered with 503 before it costs anything. Without that everybody waits longer and longer, until
all give up and nothing is of use to anybody. Streams take long and little: they are counted apart.
The numbers are of one process; `docs/streams.md` says how to choose them.
"""

import asyncio
import contextlib
import resource
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core.env import get_settings
from core.problems import Problem
from service.http.problems import respond
from service.http.stopping import CurrentStopping

# Whoever asks whether the process is alive shall not kill it because it is busy.
ALWAYS = frozenset({"/healthz", "/readyz", "/service/healthz", "/service/readyz"})
# Seconds that a request waits for its turn; nobody looks at a page for longer.
PATIENCE = 5.0
RETRY_AFTER = {"Retry-After": "2"}
KEY = "service.capacity"
OPEN_FILES = 65_536


class Capacity:
    """The middleware. Its counts are of this moment."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        settings = get_settings()
        self.most_requests = settings.service_most_requests
        self.most_waiting = settings.service_most_waiting
        self.most_streams = settings.service_most_streams
        self.requests = self.waiting = self.streams = 0
        self._slots = asyncio.Semaphore(self.most_requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        if not await self._enter():
            await respond(full())(scope, receive, send)
            return
        scope[KEY] = place = Place(self)
        try:
            await self.app(scope, receive, send)
        finally:
            place.leave()

    async def _enter(self) -> bool:
        """Take a place among the requests, if there is one in time."""
        if not self._slots.locked():
            await self._slots.acquire()
        elif self.waiting >= self.most_waiting or not await self._wait():
            return False
        self.requests += 1
        return True

    async def _wait(self) -> bool:
        self.waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await self._slots.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
        return True

    def leave(self) -> None:
        """Give a place among the requests back."""
        self.requests -= 1
        self._slots.release()


class Place:
    """What one request takes up."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._is_stream = False

    def become_stream(self) -> None:
        """Be a stream from now on; raises `Problem` when there are too many."""
        if self._capacity.streams >= self._capacity.most_streams:
            raise full()
        self._is_stream = True
        self._capacity.streams += 1
        self._capacity.leave()

    def leave(self) -> None:
        """The request is over."""
        if self._is_stream:
            self._capacity.streams -= 1
        else:
            self._capacity.leave()


def full() -> Problem:
    """There is too much to do."""
    return Problem(
        503, "full", "The service is full", "Try again in a moment.", headers=RETRY_AFTER
    )


async def as_stream(request: Request, stopping: CurrentStopping) -> None:
    """For routes that stream: they count as streams, and are refused before they begin."""
    if stopping.is_set:
        raise Problem(503, "stopping", "The service is being restarted", headers=RETRY_AFTER)
    place: Place = request.scope[KEY]
    place.become_stream()


AsStream = Annotated[None, Depends(as_stream)]


def allow_open_files() -> None:
    """Have as many open files as streams may need, two each, where the system lets us choose."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
