"""A circuit breaker: who fails again and again is left alone for a while.

The pattern is Michael Nygard's (Release It!, chapter 5). This one is no more than its state: it
calls nothing, waits for nothing and has the clock that it is given.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """Closed lets all attempts through, open none, and half-open one at a time to find out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Verdict(StrEnum):
    """What an attempt says of the upstream."""

    FINE = "fine"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it was cut short


@dataclass(slots=True)
class Breaker:
    """The state of one upstream, as this process has seen it.

    It opens after `failures` failed attempts in a row, for `rest` seconds. Then one attempt is let
    through: if it is fine the breaker closes, if it fails the rest begins anew.
    """

    failures: int = 5
    rest: float = 10.0
    clock: Callable[[], float] = time.monotonic
    _in_a_row: int = field(default=0, init=False)
    _opened_at: float | None = field(default=None, init=False)
    _is_trying: bool = field(default=False, init=False)
    # Counts openings and closings, so that what began before one does not decide after it.
    _era: int = field(default=0, init=False)

    @property
    def state(self) -> State:
        """Now."""
        if self._opened_at is None:
            return State.CLOSED
        is_resting = self.clock() - self._opened_at < self.rest
        return State.OPEN if is_resting else State.HALF_OPEN

    def admit(self) -> int | None:
        """A ticket for an attempt, to be given to `settle` however it ends; None to keep away."""
        state = self.state
        if state is State.OPEN or (state is State.HALF_OPEN and self._is_trying):
            return None
        self._is_trying = state is State.HALF_OPEN
        return self._era

    def settle(self, ticket: int, verdict: Verdict) -> bool:
        """Take note of how an attempt ended; answers whether that opened or closed the breaker."""
        if ticket != self._era:
            return False
        was_open = self._opened_at is not None
        self._is_trying = False
        if verdict is Verdict.FAILED:
            self._in_a_row += 1
            return self._become(self.clock()) if was_open or self._is_enough else False
        if verdict is Verdict.FINE:
            self._in_a_row = 0
            return self._become(None) if was_open else False
        return False

    @property
    def _is_enough(self) -> bool:
        return self._in_a_row >= self.failures

    def _become(self, opened_at: float | None) -> bool:
        self._opened_at = opened_at
        self._era += 1
        return True
