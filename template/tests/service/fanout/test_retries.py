"""Nothing is sent twice that could happen twice, and nobody comes back sooner than asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.fanout.calls import Call, Reason, Reply, Unanswered
from service.fanout.retries import FIRST_WAIT, LONGEST_WAIT, TEMPORARY, may_repeat, seconds_to_wait


def call(method: str, **headers: str) -> Call[bytes]:
    return Call("news", "facts", bytes, method=method, headers=headers)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_could_happen_twice_is_sent_again_only_if_nobody_saw_it(method: str) -> None:
    unsure: list[Reply | Unanswered] = [Reply(status) for status in TEMPORARY]
    for outcome in (*unsure, Unanswered(Reason.UNREACHABLE)):
        assert not may_repeat(call(method), outcome)
        # The upstream knows the request again.
        assert may_repeat(call(method, **{"Idempotency-Key": "one"}), outcome)
    assert may_repeat(call(method), Unanswered(Reason.UNREACHABLE, was_sent=False))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
@given(status=st.integers(300, 599))
def test_what_is_idempotent_is_sent_again_after_what_passes(method: str, status: int) -> None:
    assert may_repeat(call(method), Reply(status)) == (status in {429, 502, 503, 504})
    assert may_repeat(call(method), Unanswered(Reason.UNREACHABLE))


@pytest.mark.parametrize("reason", [Reason.TOO_LARGE, Reason.UNREADABLE])
def test_what_would_come_again_is_not_asked_for_again(reason: Reason) -> None:
    assert not may_repeat(call("GET"), Unanswered(reason))


@given(
    attempt=st.integers(1, 10_000),
    asked=st.none() | st.floats(0, 10**6),
    chance=st.floats(0, 1),
)
def test_the_wait_is_never_shorter_than_asked_nor_without_end(
    attempt: int, asked: float | None, chance: float
) -> None:
    wait = seconds_to_wait(attempt, asked, chance)
    floor = asked or 0.0
    assert floor <= wait <= floor + LONGEST_WAIT
    assert wait <= seconds_to_wait(attempt + 1, asked, chance)
    assert seconds_to_wait(attempt, asked, 0.0) == floor
    if attempt == 1:
        assert wait <= floor + FIRST_WAIT
