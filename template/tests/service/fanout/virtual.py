"""An event loop whose time does not pass but jumps to whatever comes next.

Seconds of waiting take no time, and every run of a test is the same to the last digit.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Patient(selectors.SelectSelector):
    """Lets the time pass instead of waiting for it."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready at once; nothing here waits for a socket."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everybody waits, and nothing will ever happen")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop that reads its time from there."""

    # No finer than what sums of the times in tests may be off by.
    _clock_resolution: float

    def __init__(self) -> None:
        self.patient = Patient()
        super().__init__(self.patient)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.patient.now

    def pass_time(self, seconds: float) -> None:
        """Let time pass in which the loop does nothing."""
        self.patient.now += seconds


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> tuple[T, float]:
    """What the work answers, and the seconds it took; AssertionError if it leaves a task behind."""

    async def watched() -> tuple[T, float]:
        began = loop.time()
        answer = await work()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return answer, loop.time() - began

    loop = VirtualLoop()
    try:
        return loop.run_until_complete(watched())
    finally:
        loop.close()
