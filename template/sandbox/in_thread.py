"""Pages of the sandbox, served in a thread of the test run: real HTTP, with nothing to start."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from aiohttp import web


@contextlib.contextmanager
def serving(pages: web.Application, port: int) -> Iterator[asyncio.AbstractEventLoop]:
    """Serve them below `/dev` on this port of this machine, until the block ends.

    A client that leaves cancels its request, as in development. The loop is the thread's.
    """
    loop = asyncio.new_event_loop()
    app = web.Application()
    app.add_subapp("/dev", pages)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", port).start())
    thread = threading.Thread(target=loop.run_forever, name=f"sandbox:{port}", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
