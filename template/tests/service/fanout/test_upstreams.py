"""Over real HTTP: whatever an upstream does, it costs no more than its time and its share."""

import asyncio
import json
import time
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from core.logs import bind_request_id, clear_request_id
from sandbox.ports import free_port
from sandbox.sources.source import Behaviour
from sandbox.sources.thread import RunningSources
from service.fanout import Call, Failure, Reason, Success, Upstreams, open_upstreams
from service.fanout.breaker import State
from service.http.trace import bind_traceparent
from tests import PATIENCE

pytestmark = pytest.mark.anyio

# Far more than anything here takes, where it is not the time itself that is looked at.
LONG = PATIENCE
# What a busy machine may add.
BOUND = 10.0


def to(name: str, path: str = "facts", **options: Any) -> Call[dict[str, Any]]:
    """A call that has time."""
    return Call(name, path, json.loads, **{"timeout": LONG, **options})


async def ask(upstreams: Upstreams, call: Call[Any]) -> Any:
    """The value, or why there is none."""
    result = (await upstreams.ask({"it": call}, deadline=LONG))["it"]
    return result.value if isinstance(result, Success) else result.reason


async def test_what_came_in_time_is_told_beside_what_did_not(
    upstreams: Upstreams, sources: RunningSources
) -> None:
    before = asyncio.all_tasks()
    sources["news"].behaviour = Behaviour.HANGS
    began = time.perf_counter()
    calls = {name: Call(name, "facts", json.loads, timeout=LONG) for name in upstreams.names}
    results = await upstreams.ask(calls, deadline=2.0)
    assert time.perf_counter() - began < 2.0 + BOUND
    assert asyncio.all_tasks() == before
    told = {
        name: (result.reason, result.status, result.attempts)
        for name, result in results.items()
        if isinstance(result, Failure)
    }
    assert told == {
        "news": (Reason.DEADLINE, None, 1),
        "maps": (Reason.STATUS, 500, 1),
        "archive": (Reason.TOO_LARGE, None, 1),
    }
    first, second = results["register"], results["reviews"]
    assert isinstance(first, Success)
    assert first.value["facts"][0]["title"] == "Register"
    assert isinstance(second, Success)
    assert (second.attempts, sources["reviews"].asked) == (2, 2)


@pytest.mark.parametrize(
    ("behaviour", "reason", "asked"),
    [
        (Behaviour.BREAKS_OFF, Reason.UNREACHABLE, 3),
        (Behaviour.BABBLES, Reason.UNREADABLE, 1),
        (Behaviour.REDIRECTS, Reason.STATUS, 1),
        (Behaviour.HUGE, Reason.TOO_LARGE, 1),
    ],
)
async def test_a_strange_answer_is_a_failure_with_a_name(
    upstreams: Upstreams,
    sources: RunningSources,
    behaviour: Behaviour,
    reason: Reason,
    asked: int,
) -> None:
    sources["news"].behaviour, sources["news"].seconds = behaviour, 0.0
    assert await ask(upstreams, to("news")) is reason
    assert sources["news"].asked == asked
    # Where it was sent, nobody went.
    assert sources["register"].asked == 0


async def test_what_could_happen_twice_is_sent_once(
    upstreams: Upstreams, sources: RunningSources
) -> None:
    assert await ask(upstreams, to("reviews", method="POST")) is Reason.STATUS
    assert sources["reviews"].asked == 1


async def test_nobody_there_is_a_failure() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    async with open_upstreams({"gone": address}) as upstreams:
        assert await ask(upstreams, to("gone")) is Reason.UNREACHABLE
        result = (await upstreams.ask({0: to("gone", method="POST")}, deadline=LONG))[0]
    # Nobody saw it, so nothing could happen twice.
    assert result.attempts == 2


async def test_a_longer_answer_than_allowed_is_not_kept(
    upstreams: Upstreams, sources: RunningSources
) -> None:
    whole = await ask(upstreams, Call("register", "facts", bytes, timeout=LONG))
    for max_bytes, expected in ((len(whole), whole), (len(whole) - 1, Reason.TOO_LARGE)):
        call = Call("register", "facts", bytes, timeout=LONG, max_bytes=max_bytes)
        assert await ask(upstreams, call) == expected


@pytest.mark.parametrize("path", ["../secret", "a/../../b", "./facts", ".."])
async def test_no_path_leads_out_of_the_upstream(
    upstreams: Upstreams, sources: RunningSources, path: str
) -> None:
    with pytest.raises(ExceptionGroup) as raised:
        await ask(upstreams, to("register", path))
    assert raised.group_contains(ValueError)
    assert sources["register"].asked == 0


@pytest.mark.parametrize(
    "path", ["//other.example/facts", "http://other.example/facts", "@other.example", "%2e%2e/x"]
)
async def test_no_path_leads_to_another_host(
    upstreams: Upstreams, sources: RunningSources, path: str
) -> None:
    # The sandbox has no such page, and it is the sandbox that was asked.
    result = (await upstreams.ask({0: to("register", path)}, deadline=LONG))[0]
    assert isinstance(result, Failure)
    assert result.status == 404


async def test_who_fails_again_and_again_is_not_asked_any_more(
    upstreams: Upstreams, sources: RunningSources
) -> None:
    for _ in range(5):
        assert await ask(upstreams, to("maps")) is Reason.STATUS
    assert await ask(upstreams, to("maps")) is Reason.CIRCUIT_OPEN
    assert sources["maps"].asked == 5
    assert upstreams.breakers["maps"].state is State.OPEN
    # The others have breakers of their own, though they are at the same host.
    assert isinstance(await ask(upstreams, to("register")), dict)


async def test_whoever_leaves_is_seen_to_leave_by_the_upstream(
    upstreams: Upstreams, sources: RunningSources
) -> None:
    before = asyncio.all_tasks()
    sources["news"].behaviour, sources["news"].seconds = Behaviour.HANGS, 0.0
    everything = asyncio.create_task(
        upstreams.ask({number: to("news") for number in range(10)}, deadline=LONG, at_most=4)
    )
    await until(lambda: sources["news"].running == 4)
    everything.cancel()
    with pytest.raises(asyncio.CancelledError):
        await everything
    await until(lambda: sources["news"].left == 4)
    assert sources["news"].asked == sources["news"].most_at_once == 4
    assert asyncio.all_tasks() == before


@pytest.mark.usefixtures("app")  # which sets up the logs
async def test_one_trace_goes_through(upstreams: Upstreams, sources: RunningSources) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    bind_request_id("abcd-1234_EFGH")
    bind_traceparent(f"00-{trace}-00f067aa0ba902b7-01")
    try:
        with capture_logs([merge_contextvars]) as logs:
            await ask(upstreams, to("register", query={"about": "secret-word"}))
    finally:
        clear_request_id()
    sent = sources["register"].last_headers
    assert sent["x-request-id"] == "abcd-1234_EFGH"
    version, sent_trace, call_id, flags = sent["traceparent"].split("-")
    assert (version, sent_trace, flags) == ("00", trace, "01")
    (line,) = logs
    assert line["event"] == "upstream"
    assert (line["request_id"], line["call_id"]) == ("abcd-1234_EFGH", call_id)
    assert (line["upstream"], line["result"], line["attempts"]) == ("register", "ok", 1)
    assert line["milliseconds"] > 0
    assert "secret-word" not in str(line)


async def until(condition: Any) -> None:
    """Wait for what another thread does."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  no event reaches from one thread to another
            await asyncio.sleep(0.005)
