"""Lists, a page at a time.

async def list_teams(query: PageOf, session: CurrentSession) -> Page[Team]:
    rows = await fetch(session, select(Team), query, Team.id)
    return page_of(rows, query.limit, shown, lambda team: team.id)
"""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from core.api.pages import decode_cursor
from core.api.schemas import PageQuery

Row = TypeVar("Row")
PageOf = Annotated[PageQuery, Query()]


async def fetch(
    session: AsyncSession,
    rows: Select[Row],
    query: PageQuery,
    row_id: InstrumentedAttribute[int],
    *,
    newest_first: bool = False,
) -> Sequence[Row]:
    """The rows of the page, and one more if there is one; `row_id` is what the cursor names."""
    after = decode_cursor(query.cursor)
    if after is not None:
        rows = rows.where(row_id < after if newest_first else row_id > after)
    rows = rows.order_by(row_id.desc() if newest_first else row_id).limit(query.limit + 1)
    return (await session.scalars(rows)).all()
