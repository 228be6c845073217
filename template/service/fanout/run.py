"""The fan-out itself; it knows nothing of HTTP but what stands in `calls.py`.

All time is the event loop's. Every task ends before `fan_out` returns, whatever happened: they are
children of one task group.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

import structlog

from core.retry_after import parse_retry_after
from service.fanout.breaker import Breaker, Verdict
from service.fanout.calls import Call, Failure, Reason, Reply, Result, Success, Unanswered
from service.fanout.retries import may_repeat, seconds_to_wait
from service.http.trace import HEADER as TRACEPARENT
from service.http.trace import child_traceparent

K = TypeVar("K")
T = TypeVar("T")

# Sends a call once, with further headers; raises `Unanswered`.
Send: TypeAlias = Callable[[Call[Any], Mapping[str, str]], Awaitable[Reply]]

# Seconds by which a limit of time may come late before that says more of us than of the upstream.
LATE = 0.1

log = structlog.get_logger(__name__)


async def fan_out(
    calls: Mapping[K, Call[T]],
    send: Send,
    breakers: Mapping[str, Breaker],
    *,
    deadline: float,
    at_most: int,
    chance: Callable[[], float] = random.random,
) -> dict[K, Result[T]]:
    """What became of each call, at the latest when the deadline is over; `at_most` run at once.

    `deadline` is in seconds from now. Raises `LookupError`, before anything is sent, for an
    upstream that nobody has configured; what `parse` raises beside `ValueError` ends all calls.
    """
    for call in calls.values():
        if call.upstream not in breakers:
            raise LookupError(f"UPSTREAMS names no {call.upstream!r}")
    ends = asyncio.get_running_loop().time() + deadline
    slots = asyncio.Semaphore(at_most)
    async with asyncio.TaskGroup() as group:
        tasks = {
            key: group.create_task(
                Trip(call, send, breakers[call.upstream], min(call.timeout, deadline), chance).run(
                    slots, ends
                )
            )
            for key, call in calls.items()
        }
    return {key: task.result() for key, task in tasks.items()}


class Trip(Generic[T]):
    """One call on its way, with all its attempts."""

    def __init__(
        self,
        call: Call[T],
        send: Send,
        breaker: Breaker,
        patience: float,
        chance: Callable[[], float],
    ) -> None:
        self.call = call
        self.send = send
        self.breaker = breaker
        self.patience = patience
        self.chance = chance
        self.clock = asyncio.get_running_loop().time
        self.began = self.clock()
        self.attempts = 0
        traceparent, self.id = child_traceparent()
        self.headers = {TRACEPARENT: traceparent}

    async def run(self, slots: asyncio.Semaphore, ends: float) -> Result[T]:
        """Wait for a turn, then try until there is a result or the time is over."""
        result: Result[T] | None = None
        try:
            async with asyncio.timeout_at(ends) as limit, slots:
                limit.reschedule(min(ends, self.clock() + self.call.timeout))
                result = await self.attempt_until_settled(limit)
        except TimeoutError:
            # Only the limit raises it here: what else waits too long is `Unanswered`.
            result = self.failed(Reason.DEADLINE if limit.when() == ends else Reason.TIMEOUT)
        finally:
            self.note(result)
        return result

    async def attempt_until_settled(self, limit: asyncio.Timeout) -> Result[T]:
        """Send it, and again while that is allowed and there is time."""
        while True:
            ticket = self.breaker.admit()
            if ticket is None:
                return self.failed(Reason.CIRCUIT_OPEN)
            self.attempts += 1
            outcome = await self.attempt(ticket, limit)
            if isinstance(outcome, Reply) and outcome.is_success:
                return self.parsed(outcome.body)
            wait = self.wait_after(outcome)
            over = limit.when()
            if wait is None or over is None or self.clock() + wait >= over:
                return self.refused(outcome)
            await asyncio.sleep(wait)

    async def attempt(self, ticket: int, limit: asyncio.Timeout) -> Reply | Unanswered:
        """Send it once, and tell the breaker what that says of the upstream."""
        verdict, began = Verdict.UNKNOWN, self.clock()
        try:
            outcome = await self.send(self.call, self.headers)
            verdict = Verdict.FAILED if outcome.status >= 500 else Verdict.FINE
        except Unanswered as error:
            verdict = Verdict.FAILED
            return error
        except asyncio.CancelledError:
            # A client that leaves says nothing, nor does a deadline right after a late start.
            if limit.expired() and self.clock() - began >= self.patience / 2:
                verdict = Verdict.UNKNOWN if self.is_late(limit) else Verdict.FAILED
            raise
        finally:
            if self.breaker.settle(ticket, verdict):
                log.warning("circuit", upstream=self.call.upstream, state=self.breaker.state)
        return outcome

    def is_late(self, limit: asyncio.Timeout) -> bool:
        """Whether we were too busy to see the time pass: the answer may lie there unread."""
        when = limit.when()
        return when is not None and self.clock() - when > LATE

    def wait_after(self, outcome: Reply | Unanswered) -> float | None:
        """The seconds until the next attempt; None where this one was the last."""
        if self.attempts >= self.call.attempts or not may_repeat(self.call, outcome):
            return None
        asked = outcome.retry_after if isinstance(outcome, Reply) else None
        return seconds_to_wait(self.attempts, parse_retry_after(asked), self.chance())

    def parsed(self, body: bytes) -> Result[T]:
        """The value, if the bytes are what was asked for."""
        try:
            value = self.call.parse(body)
        except ValueError:
            return self.failed(Reason.UNREADABLE)
        return Success(value, self.attempts, self.clock() - self.began)

    def refused(self, outcome: Reply | Unanswered) -> Failure:
        """The last attempt's failure as the call's."""
        if isinstance(outcome, Reply):
            return self.failed(Reason.STATUS, outcome.status)
        return self.failed(outcome.reason)

    def failed(self, reason: Reason, status: int | None = None) -> Failure:
        """Why there is no value."""
        return Failure(reason, self.attempts, self.clock() - self.began, status)

    def note(self, result: Result[T] | None) -> None:
        """One line for the call, under the id that the upstream got with it.

        The query is left out: it may hold what people typed.
        """
        reason = result.reason if isinstance(result, Failure) else "ok" if result else "cancelled"
        log.info(
            "upstream",
            upstream=self.call.upstream,
            method=self.call.method,
            path=self.call.path,
            result=reason,
            status=getattr(result, "status", None),
            attempts=self.attempts,
            milliseconds=round((self.clock() - self.began) * 1000, 1),
            call_id=self.id,
        )
