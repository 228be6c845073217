"""Cursors come back as they went out, and forged ones are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.pages import decode_cursor, encode_cursor, page_of
from core.problems import Problem


@given(st.integers(1, 2**63 - 1))
def test_a_cursor_comes_back(row_id: int) -> None:
    assert decode_cursor(encode_cursor(row_id)) == row_id


@given(st.text(max_size=50))
def test_a_forged_cursor_is_refused_by_name(text: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(text)
    assert refused.value.status == 422
    assert refused.value.extra["errors"][0]["pointer"] == "query/cursor"


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor(None) is None


@pytest.mark.parametrize(("rows", "more"), [([], False), ([5, 4], False), ([5, 4, 3], True)])
def test_one_row_more_makes_a_next_page(rows: list[int], more: bool) -> None:
    page = page_of(rows, 2, str, lambda row: row)
    assert page.items == [str(row) for row in rows[:2]]
    assert (page.next_cursor == encode_cursor(4)) == more
    assert (page.next_cursor is None) != more
