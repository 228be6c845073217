"""The end of a team, with all that is in it, the rows of your product included."""

from collections.abc import Iterator

from sqlalchemy import Column, ColumnElement, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from service.audit.record import record
from service.db import Base
from service.teams.models import Team


async def erase_team(session: AsyncSession, team: Team) -> None:
    """Delete the locked team, whoever asks; what may be asked is checked before."""
    await record(
        session,
        AuditAction.TEAM_DELETED,
        team_id=team.id,
        target=("team", team.id),
        # A personal team has the person's name, which goes with the account.
        details={} if team.is_personal else {"name": team.name},
    )
    table = table_of(Team)
    await delete_rows(session, table, table.c.id == team.id)


async def delete_rows(session: AsyncSession, table: Table, which: ColumnElement[bool]) -> None:
    """Delete rows, after what refers to them.

    Where a column that refers to them may be null the row stays, and refers to nothing.
    """
    for child, column, parent in references_to(table):
        chosen = column.in_(select(parent).where(which))
        if column.nullable:
            await session.execute(update(child).where(chosen).values({column.name: None}))
        else:
            await delete_rows(session, child, chosen)
    await session.execute(delete(table).where(which))


def references_to(table: Table) -> Iterator[tuple[Table, Column[object], Column[object]]]:
    """Each table that refers to this one, by which column, and to which."""
    for child in Base.metadata.sorted_tables:
        for key in child.foreign_keys:
            if key.column.table is table:
                yield child, key.parent, key.column


def table_of(model: type[Base]) -> Table:
    """The table behind a model."""
    return Base.metadata.tables[model.__tablename__]
