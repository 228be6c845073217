"""The end of the process, told to what would go on without end.

Granian takes no new connections after SIGTERM, and waits until every answer that has begun is
complete: for as long as `--workers-kill-timeout` says, then it kills. Only after that the lifespan
ends. Streams go on for minutes, so they are told when the signal comes.

    app.state.stopping.call(streams.stop)     # in the lifespan, of what keeps streams
    await stopping.wait()                     # in a route, with `stopping: CurrentStopping`
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Annotated

from fastapi import Depends, Request

from core.env import get_settings

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Whether this process is to end, and who wants to know."""

    def __init__(self) -> None:
        self.is_set = False
        self._calls: list[Callable[[], object]] = []

    def call(self, function: Callable[[], object]) -> Callable[[], None]:
        """Call it once when streams have to end, in the loop; the answer takes that back."""
        if self.is_set:
            function()
            return lambda: None
        self._calls.append(function)

        def forget() -> None:
            if function in self._calls:
                self._calls.remove(function)

        return forget

    async def wait(self) -> None:
        """Return when streams have to end."""
        event = asyncio.Event()
        forget = self.call(event.set)
        try:
            await event.wait()
        finally:
            forget()

    def set(self) -> None:
        """Tell everybody."""
        self.is_set = True
        calls, self._calls = self._calls, []
        for function in calls:
            function()

    @contextlib.contextmanager
    def on_signal(self) -> Iterator[None]:
        """Tell everybody some seconds after a signal that ends the process, or when the block ends.

        The server's own handling of the signal stays: asyncio is woken by a file descriptor, and
        what is set here runs besides. See `signal.set_wakeup_fd` and `loop.add_signal_handler`.
        """
        loop, timers = asyncio.get_running_loop(), list[asyncio.TimerHandle]()

        def begin() -> None:
            timers.append(loop.call_later(get_settings().service_streams_end_seconds, self.set))

        try:
            with handled(lambda: loop.call_soon_threadsafe(begin)):
                yield
        finally:
            for timer in timers:
                timer.cancel()
            self.set()


@contextlib.contextmanager
def handled(react: Callable[[], object]) -> Iterator[None]:
    """React to the signals besides whoever reacts already; in a thread, which gets none, never."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        react()
        if callable(before := former[signal.Signals(number)]):
            before(number, frame)

    for number in SIGNALS:
        signal.signal(number, handle)
        # As asyncio sets it: system calls go on after the signal.
        signal.siginterrupt(number, False)
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)


async def current_stopping(request: Request) -> Stopping:
    """The application's."""
    stopping: Stopping = request.app.state.stopping
    return stopping


CurrentStopping = Annotated[Stopping, Depends(current_stopping)]
