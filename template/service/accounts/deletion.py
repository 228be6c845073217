"""Deleting an account, and with it all that belongs to nobody else."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.env import get_settings
from core.tasks import SendMail
from service.accounts.models import User
from service.accounts.notices import note
from service.accounts.queries import lock_account
from service.queue import enqueue
from service.teams.accounts import leave_all_teams, lock_teams
from service.teams.erase import delete_rows, table_of


async def delete_account(session: AsyncSession, user_id: int) -> bool:
    """Delete the user and the teams in which they are alone; whether there was one.

    The caller commits.

    Raises 409, naming them, when teams with other members would lose their only owner. Rows that
    refer to the user go along; where the column may be null, they stay without the user.
    """
    # Teams before people, as everywhere: who joins or leaves one meanwhile does not wait for us.
    await lock_teams(session, user_id)
    user = await lock_account(session, user_id)
    if user is None:
        return False
    await leave_all_teams(session, user_id)
    await note(session, user_id, AuditAction.ACCOUNT_DELETED)
    context = {"url": get_settings().origin}
    await enqueue(session, SendMail(template="account_deleted", to=user.email, context=context))
    table = table_of(User)
    await delete_rows(session, table, table.c.id == user_id)
    return True
