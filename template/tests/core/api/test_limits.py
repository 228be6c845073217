"""Budgets of callers."""

from hypothesis import given
from hypothesis import strategies as st

from core.api.limits import Budget

BUDGET = Budget("calls", amount=3, seconds=60)
MOMENTS = st.floats(min_value=0, max_value=4e9)


@given(MOMENTS)
def test_the_next_window_begins_when_the_headers_say(now: float) -> None:
    reset = BUDGET.reset(now)
    assert 1 <= reset <= 60
    assert BUDGET.window(int(now) + reset) == BUDGET.window(now) + 1
    assert BUDGET.window(int(now) + reset - 1) == BUDGET.window(now)


def test_the_last_one_passes_and_the_next_is_refused_with_the_time_to_wait() -> None:
    assert BUDGET.exceeded(3, now=65) is None
    assert BUDGET.headers(3, now=65)["RateLimit-Remaining"] == "0"
    refused = BUDGET.exceeded(4, now=65)
    assert refused is not None
    assert (refused.status, refused.headers) == (429, {"Retry-After": "55"})
    assert BUDGET.headers(4, now=65)["RateLimit-Remaining"] == "0"
