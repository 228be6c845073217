"""Lists, a page at a time."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet

from core.api.pages import decode_cursor, page_of
from core.api.schemas import Page, PageQuery

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


def page(
    rows: QuerySet[Row],
    query: PageQuery,
    item: Callable[[Row], Item],
    *,
    newest_first: bool = False,
) -> Page[Item]:
    """The page that was asked for, in the order in which the rows were made."""
    return shown(fetch(rows, query, newest_first=newest_first), query, item)


def fetch(rows: QuerySet[Row], query: PageQuery, *, newest_first: bool = False) -> list[Row]:
    """The rows of the page, and one more if there is one."""
    after = decode_cursor(query.cursor)
    if after is not None:
        rows = rows.filter(**{"pk__lt" if newest_first else "pk__gt": after})
    return list(rows.order_by("-pk" if newest_first else "pk")[: query.limit + 1])


def shown(rows: Sequence[Row], query: PageQuery, item: Callable[[Row], Item]) -> Page[Item]:
    """What `fetch` found, as the API shows it."""
    return page_of(rows, query.limit, item, lambda row: int(row.pk))
