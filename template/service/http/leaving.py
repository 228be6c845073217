"""Work that nobody waits for any more is not gone on with."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import Request

from core.problems import Problem


@contextlib.asynccontextmanager
async def until_client_leaves(request: Request) -> AsyncIterator[None]:
    """Cancels what it holds as soon as the client has closed its connection.

        async with until_client_leaves(request):
            results = await upstreams.ask(calls, deadline=2.0)

    The request then ends with status 499, which nobody reads but the logs. For routes that have
    read their body; FastAPI has when it calls them.
    """
    try:
        async with asyncio.timeout(None) as patience:
            watcher = asyncio.create_task(watch(request, patience))
            try:
                yield
            finally:
                watcher.cancel()
                await asyncio.wait([watcher])
    except TimeoutError:
        if not patience.expired():
            raise
        raise Problem(499, "client-left", "The client left before the answer") from None


async def watch(request: Request, patience: asyncio.Timeout) -> None:
    """End the patience when the client leaves."""
    while (await request.receive())["type"] != "http.disconnect":
        continue
    patience.reschedule(asyncio.get_running_loop().time())
