"""Staff act as somebody, to see what they see: for a short time, and the audit log tells.

Their token names them, so every entry that is made meanwhile does, too. How the person logs in they
cannot change: `NOT_IMPERSONATED` of `service.identity.dependencies` keeps them from it.
"""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import Actor, ActorKind, AuditAction, current_actor
from core.teams.rules import conflict
from core.tokens import digest, new_token
from service.accounts.login import OpenedSession
from service.accounts.models import AccessToken, User, now
from service.audit.record import record
from service.identity.dependencies import IMPERSONATION, Caller

LIFETIME = timedelta(minutes=30)


async def start_acting_as(session: AsyncSession, staff_id: int, user: User) -> OpenedSession:
    """Open a session as the user; the caller has checked the superuser, and commits.

    Raises 409 for members of staff: nobody gets more than they have.
    """
    if user.is_staff or user.is_superuser or not user.is_active:
        raise conflict(
            "not-impersonable",
            "Nobody acts as them",
            "Choose somebody who is active and no member of staff.",
        )
    opened = OpenedSession(token=new_token(IMPERSONATION), expires_at=now() + LIFETIME)
    session.add(
        AccessToken(
            user_id=user.id,
            kind=IMPERSONATION,
            digest=digest(opened.token),
            expires_at=opened.expires_at,
            impersonator_id=staff_id,
        )
    )
    await session.flush()
    actor = Actor(ActorKind.USER, staff_id, staff_id, current_actor().ip_address)
    await record(session, AuditAction.IMPERSONATION_STARTED, target=("user", user.id), actor=actor)
    return opened


async def note_end(session: AsyncSession, caller: Caller) -> None:
    """Record that staff who acted as somebody stopped; nothing for everybody else."""
    if caller.impersonator_id is not None:
        await record(session, AuditAction.IMPERSONATION_ENDED, target=("user", caller.id))
