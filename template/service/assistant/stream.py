"""Server-sent events that cost little: what comes is written to the connection at once.

FastAPI's own way to stream events, a route that yields, hands each event through two tasks and two
queues: 49 microseconds of processor time for each, where this takes 6. So its format is taken, and
the way is a shorter one: `Work` writes to the connection itself.

The client's leaving stops the work, and the work is what ends: what it has to put away is put away
whether or not somebody still listens, see `runs.py`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from enum import StrEnum

from fastapi import Response
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from starlette.types import Receive, Scope, Send

# Seconds of silence before a comment says that there is still somebody: proxies end what is silent.
SILENCE = 15.0
SOONEST = 1.0  # between two looks


class Why(StrEnum):
    """Why work was stopped."""

    LEFT = "left"
    ASKED = "asked"  # by the person, over another connection
    STOPPING = "stopping"  # the server
    TOO_LONG = "too long"


class Writer:
    """Writes to one client, an event after the other, and comments while there are none."""

    def __init__(self, send: Send) -> None:
        self._send = send
        # Two that write at once would be mixed up.
        self._turn = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._written_at = self._loop.time()
        self._timer = self._loop.call_later(SILENCE, self._look)
        self._comment: asyncio.Task[None] | None = None

    async def write(self, event: bytes) -> None:
        """Write a whole event; returns when the connection has taken it."""
        async with self._turn:
            await self._send({"type": "http.response.body", "body": event, "more_body": True})
        self._written_at = self._loop.time()

    async def last(self, event: bytes) -> None:
        """Write the last event; that nobody takes it any more is no matter."""
        with contextlib.suppress(OSError):
            await self.write(event)

    def close(self) -> None:
        """Write no more comments."""
        self._timer.cancel()
        if self._comment is not None:
            self._comment.cancel()

    def _look(self) -> None:
        """Write a comment if it was silent for long enough; who waits for the client, waits."""
        silent = self._loop.time() - self._written_at
        if silent >= SILENCE and not self._turn.locked():
            self._comment = self._loop.create_task(self.write(KEEPALIVE_COMMENT))
            silent = 0
        self._timer = self._loop.call_later(max(SILENCE - silent, SOONEST), self._look)


class Work:
    """Writes events until it is done or stopped. It is a task of its own, which nobody cancels."""

    why: Why | None = None
    _now: "asyncio.Task[None] | None" = None

    async def run(self, writer: Writer) -> None:
        """Do all of it."""
        raise NotImplementedError

    def stop(self, why: Why) -> None:
        """Let what is being done end now; only the first reason counts."""
        if self.why is None:
            self.why = why
            if self._now is not None:
                self._now.cancel()

    async def do(self, now: "asyncio.Task[None]", seconds: float) -> None:
        """Wait for a part of the work that `stop` ends, and the time too; raises what it raises."""
        self._now = now
        if self.why is not None:
            now.cancel()
        done, _ = await asyncio.wait({now}, timeout=seconds)
        if not done:
            self.stop(Why.TOO_LONG)
            await asyncio.wait({now})
        self._now = None
        if not now.cancelled() and (error := now.exception()) is not None:
            raise error


class Works:
    """The work that is going on in this process."""

    def __init__(self) -> None:
        self._going: dict[asyncio.Task[None], Work] = {}
        self._is_over = False

    @property
    def going(self) -> list[Work]:
        """What is going on at this moment."""
        return list(self._going.values())

    def begin(self, work: Work, writer: Writer) -> "asyncio.Task[None]":
        """Let it run, whatever becomes of the request that asked for it."""
        if self._is_over:
            work.stop(Why.STOPPING)
        task = asyncio.create_task(work.run(writer))
        self._going[task] = work
        task.add_done_callback(self._going.pop)
        return task

    def stop(self) -> None:
        """Let all of it end: the server stops."""
        self._is_over = True
        for work in self.going:
            work.stop(Why.STOPPING)

    async def close(self) -> None:
        """Stop all of it, and wait until what has to be put away is."""
        self.stop()
        if self._going:
            await asyncio.wait(self._going)


@contextlib.asynccontextmanager
async def open_works() -> AsyncIterator[Works]:
    """The work of this process; none is left when the block ends."""
    works = Works()
    try:
        yield works
    finally:
        await works.close()


class Stream(Response):
    """The events that some work writes, until it is done or the client leaves."""

    media_type = EventSourceResponse.media_type

    def __init__(self, work: Work, works: Works) -> None:
        # Nginx would keep events until it has a page of them.
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["Content-Length"]
        self.work, self.works = work, works

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        writer = Writer(send)
        going = self.works.begin(self.work, writer)
        left = asyncio.create_task(until_client_leaves(receive))
        try:
            await asyncio.wait({going, left}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Also when this request is cancelled: the work has to know.
            if left.done() or not going.done():
                self.work.stop(Why.LEFT)
            left.cancel()
            writer.close()
        await asyncio.wait({going})
        if self.work.why is not Why.LEFT:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        going.result()


async def until_client_leaves(receive: Receive) -> None:
    """Return when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        continue
