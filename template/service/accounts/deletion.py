"""Deleting an account, and with it all that belongs to nobody else."""

from collections.abc import Iterator

from sqlalchemy import Column, ColumnElement, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.env import get_settings
from core.tasks import SendMail
from core.teams.roles import Role
from core.teams.rules import OwnedTeam, check_account_may_go
from service.accounts.models import User
from service.accounts.notices import note
from service.accounts.queries import lock_user
from service.db import Base
from service.queue import enqueue
from service.teams.models import Membership, Team


async def delete_account(session: AsyncSession, user_id: int) -> None:
    """Delete the user and the teams in which they are alone, and commit.

    Raises 409, naming them, when teams with other members would lose their only owner. Rows that
    refer to the user go along; where the column may be null, they stay without the user.
    """
    user = await lock_user(session, user_id)
    if user is None:
        return
    teams = check_account_may_go(await owned_teams(session, user_id))
    await note(session, user_id, AuditAction.ACCOUNT_DELETED)
    context = {"url": get_settings().origin}
    await enqueue(session, SendMail(template="account_deleted", to=user.email, context=context))
    await delete_rows(session, table_of(Team), table_of(Team).c.id.in_(teams))
    await delete_rows(session, table_of(User), table_of(User).c.id == user_id)
    await session.commit()


async def owned_teams(session: AsyncSession, user_id: int) -> list[OwnedTeam]:
    """The teams that the user owns, locked: what was counted stays true until the commit."""
    mine = select(Membership.team_id).where(
        Membership.user_id == user_id, Membership.role == Role.OWNER
    )
    locked = select(Team).where(Team.id.in_(mine)).order_by(Team.id).with_for_update()
    found = []
    for team in (await session.scalars(locked)).all():
        of_team = select(func.count()).where(Membership.team_id == team.id)
        members = await session.scalar(of_team) or 0
        owners = await session.scalar(of_team.where(Membership.role == Role.OWNER)) or 0
        found.append(OwnedTeam(id=team.id, name=team.name, members=members, owners=owners))
    return found


async def delete_rows(session: AsyncSession, table: Table, which: ColumnElement[bool]) -> None:
    """Delete rows, after what refers to them: those of your product too, as its models say."""
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
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  what a mapped class always has
    return table
