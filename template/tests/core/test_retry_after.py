"""Whatever another server writes there, it is a wait that one can reckon with, or none."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retry_after import MOST_SECONDS, parse_retry_after

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@given(seconds=st.integers(0, 10**6))
def test_retry_after_is_seconds_or_a_date(seconds: int) -> None:
    assert parse_retry_after(str(seconds), NOW) == seconds
    later = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(later, NOW) == seconds
    earlier = format_datetime(NOW - timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(earlier, NOW) == 0


@given(value=st.none() | st.text(max_size=40) | st.from_regex(r"\d{1,400}", fullmatch=True))
def test_a_strange_retry_after_harms_nobody(value: str | None) -> None:
    wait = parse_retry_after(value, NOW)
    assert wait is None or 0 <= wait <= MOST_SECONDS


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-1",
        "1.5",
        "1e9",
        "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Thu, 01 Jan 2026 99999999999999999999:00:00 GMT",
        "Thu, 01 Jan 2026 00:00:00 +99999999999999999999",
        "Thu, 01 Jan 2026 00:00:00 +99999",
        "Sat, 31 Feb 2026 12:00:00 GMT",
    ],
)
def test_what_is_neither_seconds_nor_a_date_asks_for_nothing(value: str) -> None:
    assert parse_retry_after(value, NOW) is None


@pytest.mark.parametrize("value", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_forever_is_ten_years(value: str) -> None:
    assert parse_retry_after(value, NOW) == MOST_SECONDS
