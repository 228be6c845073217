"""The sources in a thread of the test run.

    with sources_in_thread() as sources:
        sources["news"].behaviour = Behaviour.HANGS
        ...                                  # ask at sources.addresses["news"] + "/facts"
        sources["news"].asked

It is a real HTTP server; whoever asks and leaves is counted.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from aiohttp import web

from sandbox.ports import free_port
from sandbox.site import offer_pages
from sandbox.sources.pages import OFFER, PATH, SOURCES
from sandbox.sources.source import Source, sources


class RunningSources(dict[str, Source]):
    """The sources by their names. Their fields are plain numbers, which any thread may set."""

    def __init__(self, port: int) -> None:
        super().__init__(sources())
        origin = f"http://127.0.0.1:{port}"
        self.addresses = {name: f"{origin}{PATH}/{name}" for name in self}


@contextlib.contextmanager
def sources_in_thread() -> Iterator[RunningSources]:
    """The sources on a free port of this machine, until the block ends."""
    port = free_port()
    running = RunningSources(port)
    loop = asyncio.new_event_loop()
    pages = offer_pages(OFFER)
    pages[SOURCES] = running
    app = web.Application()
    app.add_subapp("/dev", pages)
    # A client that leaves cancels its request, so that it can be seen.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", port).start())
    thread = threading.Thread(target=loop.run_forever, name="sources", daemon=True)
    thread.start()
    try:
        yield running
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
