"""Limits, places in a stream, and titles."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.assistant.limits import Limits, Use, check, month_of
from core.assistant.places import letters_before, place
from core.assistant.titles import MOST, title_of
from core.problems import Problem

MANY = st.integers(0, 20)


@pytest.mark.parametrize(
    ("limits", "use", "status"),
    [
        (Limits(2, 100), Use(0, 0, 0), 0),
        (Limits(2, 100), Use(1, 10, 50), 0),
        (Limits(2, 100), Use(2, 20, 0), 429),
        (Limits(2, 100), Use(0, 0, 100), 402),
        (Limits(2, 100), Use(2, 0, 100), 402),
        (Limits(2, 100), Use(1, 10, 60), 429),
        (Limits(0, None), Use(0, 0, 0), 429),
        (Limits(None, 0), Use(0, 0, 0), 402),
        (Limits(None, None), Use(1000, 0, 10**9), 0),
    ],
)
def test_a_team_has_what_it_may(limits: Limits, use: Use, status: int) -> None:
    if not status:
        check(limits, use, most_tokens=30)
        return
    with pytest.raises(Problem) as raised:
        check(limits, use, most_tokens=30)
    assert raised.value.status == status


@given(limit=MANY, used=MANY, costs=st.lists(st.integers(1, 5), max_size=10))
def test_only_the_last_answer_goes_beyond_the_budget(
    limit: int, used: int, costs: list[int]
) -> None:
    """Whatever is begun at once, and if all of it takes what it may."""
    begun = 0
    for _ in costs:
        try:
            check(Limits(None, limit), Use(begun, begun, used), most_tokens=5)
        except Problem:
            break
        begun += 1
    assert begun == 0 or used + (begun - 1) * 6 < limit


def test_a_month_is_one_of_utc() -> None:
    west = timezone(timedelta(hours=-8))
    assert month_of(datetime(2026, 2, 28, 20, tzinfo=west)) == datetime(2026, 3, 1, tzinfo=UTC)


@given(message_id=st.integers(1, 2**63 - 1), letters=st.integers(0, 10**9))
def test_a_place_is_found_again(message_id: int, letters: int) -> None:
    assert letters_before(place(message_id, letters), message_id) == letters


@pytest.mark.parametrize(
    "last", ["7", "7-", "-3", "8-3", "7-3 ", "07-3", "7-03", "7-3\n", "\u0667-3"]
)
def test_what_is_no_place_of_this_answer_is_refused(last: str) -> None:
    with pytest.raises(Problem):
        letters_before(last, 7)


@given(text=st.text(max_size=300))
def test_a_title_is_one_short_line(text: str) -> None:
    title = title_of(text)
    assert len(title) <= MOST
    assert title == " ".join(title.split())


def test_a_title_is_cut_between_words() -> None:
    assert title_of("Why?\n Because.") == "Why? Because."
    assert title_of("word " * 20) == " ".join(["word"] * 12) + "…"
    assert title_of("x" * 100) == "x" * (MOST - 1) + "…"
