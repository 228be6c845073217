"""Lists are answered in pages, each with a cursor to the next.

A cursor names the last row that was seen, so rows that come or go meanwhile make nobody miss one or
see one twice. Callers take it as it is; what is in it may change.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from core.api.schemas import Page
from core.problems import invalid

Row = TypeVar("Row")
Item = TypeVar("Item")


def encode_cursor(row_id: int) -> str:
    """The cursor that goes on after this row."""
    return base64.urlsafe_b64encode(f"id:{row_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> int | None:
    """The id after which the page begins, None for the first page. Raises 422 when forged."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        kind, _, number = base64.b64decode(padded, altchars=b"-_", validate=True).partition(b":")
        row_id = int(number)
    except (ValueError, binascii.Error):
        kind, row_id = b"", 0
    if kind != b"id" or not 0 < row_id < 2**63:
        raise invalid([("query/cursor", "This is not a cursor that we gave out.")])
    return row_id


def page_of(
    rows: Sequence[Row], limit: int, item: Callable[[Row], Item], row_id: Callable[[Row], int]
) -> Page[Item]:
    """The page from at most `limit + 1` rows: whether there is one more says if it is the last."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[item(row) for row in shown],
        next_cursor=encode_cursor(row_id(shown[-1])) if more else None,
    )
