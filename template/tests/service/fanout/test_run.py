"""Whatever the upstreams do: in time, with the right results, and no task left behind."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retry_after import parse_retry_after
from service.fanout.breaker import Breaker, State
from service.fanout.calls import Call, Failure, Reason, Reply, Result, Success, Unanswered
from service.fanout.retries import may_repeat, seconds_to_wait
from service.fanout.run import fan_out
from tests.service.fanout.virtual import VirtualLoop, run

CHANCE = 0.5
TICK = 1e-6  # what sums of floats may be off by

# What an upstream does in one attempt: after so many seconds, this.
Deed = tuple[float, Reply | Unanswered]

outcomes = st.one_of(
    st.just(Reply(200, b"fine")),
    st.just(Reply(200, b"nonsense")),
    st.sampled_from([301, 404, 429, 500, 503]).map(Reply),
    st.sampled_from(["0", "0.5", "1", "60"]).map(lambda after: Reply(503, retry_after=after)),
    st.sampled_from(
        [
            Unanswered(Reason.UNREACHABLE),
            Unanswered(Reason.UNREACHABLE, was_sent=False),
            Unanswered(Reason.TOO_LARGE),
        ]
    ),
)
# Odd enough that no two things happen at the same moment.
seconds = st.integers(0, 3000).map(lambda thousandths: thousandths / 1000 + 0.000317)
deeds = st.lists(st.tuples(seconds, outcomes), min_size=4, max_size=4)


@dataclass
class World:
    """Upstreams that do what they are told, and what is seen of them."""

    scripts: Mapping[str, list[Deed]]
    sent: Counter[str] = field(default_factory=Counter)
    running: int = 0
    most_at_once: int = 0

    async def send(self, call: Call[Any], headers: Mapping[str, str]) -> Reply:
        """One attempt."""
        assert headers["traceparent"].startswith("00-")
        wait, outcome = self.scripts[call.upstream][self.sent[call.upstream]]
        self.sent[call.upstream] += 1
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await asyncio.sleep(wait)
        finally:
            self.running -= 1
        if isinstance(outcome, Unanswered):
            raise Unanswered(outcome.reason, was_sent=outcome.was_sent)
        return outcome


def parse(body: bytes) -> bytes:
    if body != b"fine":
        raise ValueError(body)
    return body


calls = st.builds(
    lambda method, timeout, attempts: (method, timeout, attempts),
    st.sampled_from(["GET", "POST"]),
    st.integers(1, 2000).map(lambda thousandths: thousandths / 1000),
    st.integers(1, 4),
)
plans = st.lists(st.tuples(calls, deeds), max_size=6)


def planned(plan: list[Any]) -> tuple[dict[str, Call[bytes]], World]:
    """The calls and the upstreams of a plan."""
    made = {
        f"u{number}": Call(f"u{number}", "x", parse, method, timeout=timeout, attempts=attempts)
        for number, ((method, timeout, attempts), _) in enumerate(plan)
    }
    return made, World({f"u{number}": script for number, (_, script) in enumerate(plan)})


def ask(
    made: Mapping[str, Call[bytes]],
    world: World,
    *,
    deadline: float,
    at_most: int = 100,
    breakers: Mapping[str, Breaker] | None = None,
) -> tuple[dict[str, Result[bytes]], float]:
    """The results of a fan-out, and the seconds that it took."""
    if breakers is None:
        breakers = {name: Breaker(failures=100) for name in made}
    return run(
        lambda: fan_out(
            made,
            world.send,
            breakers,
            deadline=deadline,
            at_most=at_most,
            chance=lambda: CHANCE,
        )
    )


def foreseen(call: Call[bytes], script: list[Deed], deadline: float) -> tuple[Any, int, float]:
    """The value or the reason, the attempts and the seconds, when a call need not wait its turn."""
    over, now = min(call.timeout, deadline), 0.0
    late = Reason.DEADLINE if deadline <= call.timeout else Reason.TIMEOUT
    for attempt, (wait, outcome) in enumerate(script, start=1):
        now += wait
        if now >= over:
            return late, attempt, over
        if isinstance(outcome, Reply) and outcome.is_success:
            fine = outcome.body == b"fine"
            return (outcome.body if fine else Reason.UNREADABLE), attempt, now
        last = Reason.STATUS if isinstance(outcome, Reply) else outcome.reason
        asked = outcome.retry_after if isinstance(outcome, Reply) else None
        pause = seconds_to_wait(attempt, parse_retry_after(asked), CHANCE)
        if attempt == call.attempts or not may_repeat(call, outcome) or now + pause >= over:
            return last, attempt, now
        now += pause
    raise AssertionError("there are as many deeds as attempts")


@given(plan=plans, deadline=st.integers(1, 2500).map(lambda thousandths: thousandths / 1000))
def test_every_result_is_the_right_one_and_none_is_late(plan: list[Any], deadline: float) -> None:
    made, world = planned(plan)
    results, took = ask(made, world, deadline=deadline)
    assert list(results) == list(made)
    assert took <= deadline + TICK
    for name, result in results.items():
        what, attempts, after = foreseen(made[name], list(world.scripts[name]), deadline)
        assert (result.value if isinstance(result, Success) else result.reason) == what
        assert result.attempts == attempts == world.sent[name]
        assert result.seconds == pytest.approx(after, abs=TICK)
    longest = max((result.seconds for result in results.values()), default=0.0)
    assert took == pytest.approx(longest, abs=TICK)


@given(plan=plans, deadline=seconds, at_most=st.integers(1, 4))
def test_no_more_run_at_once_than_may_and_the_deadline_holds(
    plan: list[Any], deadline: float, at_most: int
) -> None:
    made, world = planned(plan)
    results, took = ask(made, world, deadline=deadline, at_most=at_most)
    assert world.most_at_once <= at_most
    assert took <= deadline + TICK
    assert world.running == 0
    for name, result in results.items():
        assert result.attempts == world.sent[name]
        if not result.attempts:
            # Its turn never came.
            assert isinstance(result, Failure)
            assert result.reason is Reason.DEADLINE


@given(plan=plans, at=seconds)
def test_whoever_leaves_takes_every_call_along(plan: list[Any], at: float) -> None:
    made, world = planned(plan)
    breakers = {name: Breaker(failures=1) for name in made}

    async def leave() -> None:
        everything = asyncio.create_task(
            fan_out(made, world.send, breakers, deadline=100.0, at_most=3)
        )
        await asyncio.sleep(at)
        everything.cancel()
        await asyncio.wait([everything])
        assert world.running == 0

    run(leave)


@given(plan=plans.filter(bool), number=st.integers(0, 5), wait=seconds)
def test_a_mistake_ends_all_and_is_heard_of(plan: list[Any], number: int, wait: float) -> None:
    made, world = planned(plan)
    name = f"u{number % len(made)}"
    world.scripts = {**world.scripts, name: [(wait / 100, Reply(200, b"fine"))] * 4}

    def stumble(body: bytes) -> bytes:
        raise KeyError("a mistake")

    made[name] = Call(name, "x", stumble, timeout=100.0)
    with pytest.raises(ExceptionGroup) as raised:
        ask(made, world, deadline=100.0)
    assert raised.group_contains(KeyError)
    assert world.running == 0


def test_nobody_is_called_whom_nobody_configured() -> None:
    made, world = planned([(("GET", 1.0, 1), [(0.1, Reply(200, b"fine"))] * 4)])
    made["stranger"] = Call("stranger", "x", parse)
    with pytest.raises(LookupError, match="stranger"):
        ask(made, world, deadline=1.0, breakers={"u0": Breaker()})
    assert not world.sent


def test_an_upstream_that_hangs_is_left_alone_after_a_few_calls() -> None:
    hanging = [(1000.0, Reply(200, b"fine"))] * 4
    breaker = Breaker(failures=2)
    reasons = []
    for _ in range(3):
        made, world = planned([(("GET", 0.5, 3), hanging)])
        results, took = ask(made, world, deadline=2.0, breakers={"u0": breaker})
        result = results["u0"]
        assert isinstance(result, Failure)
        reasons.append((result.reason, round(took, 3)))
    assert reasons == [(Reason.TIMEOUT, 0.5), (Reason.TIMEOUT, 0.5), (Reason.CIRCUIT_OPEN, 0.0)]


def test_a_deadline_right_after_a_late_start_says_nothing_of_the_upstream() -> None:
    slow, breaker = [(0.9, Reply(200, b"fine"))] * 4, Breaker(failures=1)
    made, world = planned([(("GET", 2.0, 1), slow)] * 2)
    breakers = {"u0": Breaker(), "u1": breaker}
    results, _ = ask(made, world, deadline=1.0, at_most=1, breakers=breakers)
    assert isinstance(results["u0"], Success)
    late = results["u1"]
    assert isinstance(late, Failure)
    assert (late.reason, late.attempts) == (Reason.DEADLINE, 1)
    assert breaker.state is State.CLOSED


def test_a_client_that_leaves_says_nothing_of_the_upstream() -> None:
    made, world = planned([(("GET", 10.0, 1), [(1000.0, Reply(200, b"fine"))] * 4)])
    breaker = Breaker(failures=1)

    async def leave() -> None:
        everything = asyncio.create_task(
            fan_out(made, world.send, {"u0": breaker}, deadline=10.0, at_most=1)
        )
        await asyncio.sleep(9.0)
        everything.cancel()
        await asyncio.wait([everything])

    run(leave)
    assert world.sent["u0"] == 1
    assert breaker.state is State.CLOSED


def test_a_process_that_is_too_busy_blames_nobody() -> None:
    made, world = planned([(("GET", 1.0, 1), [(0.5, Reply(200, b"fine"))] * 4)])
    breaker = Breaker(failures=1)

    async def busy() -> Result[bytes]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        # For three seconds nothing else runs.
        loop.call_later(0.2, loop.pass_time, 3.0)
        results = await fan_out(made, world.send, {"u0": breaker}, deadline=10.0, at_most=1)
        return results["u0"]

    result, _ = run(busy)
    assert isinstance(result, Failure)
    assert result.reason is Reason.TIMEOUT
    assert breaker.state is State.CLOSED
