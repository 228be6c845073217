"""Invitations: sent by mail, accepted by whoever proves to have the address.

The caller of each function commits.
"""

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.problems import not_found
from core.tasks import SendInvitation
from core.teams import roles, rules
from core.teams.roles import Role
from core.tokens import digest
from service.accounts.models import User, now
from service.audit.record import record
from service.identity.dependencies import unauthenticated
from service.queue import enqueue
from service.teams import queries
from service.teams.models import Invitation, Membership, Team
from service.teams.plan import check_seat, seat_limit


async def invite(
    session: AsyncSession, by: int, team_id: int, email: str, role: Role
) -> Invitation:
    """Invite somebody by mail; who is invited already gets a new mail and this role."""
    team, mine = await queries.lock_for(session, team_id, by, roles.INVITE)
    rules.check_invitation(mine, role, is_personal=team.is_personal)
    is_member = (Membership.team_id == team_id) & (Membership.user_id == User.id)
    if await queries.count(session, Membership.id, is_member, User.email == email):
        raise rules.conflict(
            "already-member", "They are a member", f"{email} is in this team already."
        )
    invitation = await queries.open_invitation(session, team_id, Invitation.email == email)
    if invitation is None:
        waiting = await queries.count_pending(session, team_id)
        rules.check_bound(waiting, rules.MOST_INVITATIONS, "open invitations")
        invitation = Invitation(team_id=team_id, email=email)
        action = AuditAction.INVITATION_SENT
    else:
        action = AuditAction.INVITATION_RESENT
    invitation.role, invitation.invited_by_id = role, by
    await send(session, team, invitation, action)
    return invitation


async def resend(session: AsyncSession, by: int, team_id: int, invitation_id: int) -> Invitation:
    """Send it once more; the former link then opens nothing."""
    team, mine = await queries.lock_for(session, team_id, by, roles.INVITE)
    invitation = await open_one(session, team_id, invitation_id)
    rules.check_invitation(mine, Role(invitation.role), is_personal=team.is_personal)
    await send(session, team, invitation, AuditAction.INVITATION_RESENT)
    return invitation


async def send(
    session: AsyncSession, team: Team, invitation: Invitation, action: AuditAction
) -> None:
    """Let a mail with a new link go out, good for another week. The team is locked.

    A seat is free for it, or this raises 402 or 409.
    """
    others = await queries.count_pending(session, team.id, other_than=invitation.id)
    members = await queries.count_members(session, team.id)
    await check_seat(session, team, members + others)
    invitation.expires_at = now() + rules.INVITATION_LIFETIME
    # The task makes the next token; the former one opens nothing from now on.
    invitation.digest = None
    session.add(invitation)
    await session.flush()
    await session.refresh(invitation, ["invited_by"])
    await note(session, action, invitation, role=invitation.role)
    await enqueue(session, SendInvitation(invitation_id=invitation.id), team_id=team.id)


async def revoke(session: AsyncSession, by: int, team_id: int, invitation_id: int) -> None:
    """Take it back."""
    await queries.lock_for(session, team_id, by, roles.INVITE)
    await end(session, await open_one(session, team_id, invitation_id))


async def decline(session: AsyncSession, user_id: int, invitation_id: int) -> None:
    """Refuse it, as the one who is invited."""
    which = Invitation.id == invitation_id
    found = await queries.invitation_for(session, user_id, which)
    await queries.lock_team(session, found.team_id)
    invitation = await queries.lock_invitation(session, found.id)
    require_open(invitation)
    await end(session, invitation, declined=True)


async def accept(
    session: AsyncSession, user_id: int, which: ColumnElement[bool], *, token: str | None = None
) -> tuple[Team, Membership]:
    """Let the one who is invited into the team, once; raises 404 for anybody else.

    A seat must be free, or this raises 409. Who is a member already stays what they are.
    """
    found = await queries.invitation_for(session, user_id, which)
    team = await queries.lock_team(session, found.team_id)
    invitation = await queries.lock_invitation(session, found.id)
    if token is not None and invitation.digest != digest(token):
        raise not_found("invitation")
    if not await queries.has_verified(session, user_id, invitation.email):
        raise not_found("invitation")
    membership = await queries.membership(session, team.id, user_id)
    if invitation.accepted_at and membership:
        return team, membership
    require_open(invitation)
    if invitation.expires_at <= now():
        raise not_found("invitation")
    if membership is None:
        membership = await join(session, team, user_id, Role(invitation.role))
    invitation.accepted_at = now()
    await session.flush()
    await note(session, AuditAction.INVITATION_ACCEPTED, invitation)
    return team, membership


async def join(session: AsyncSession, team: Team, user_id: int, role: Role) -> Membership:
    """Make somebody a member of the locked team; a seat is free, or this raises 409."""
    if not await queries.stays(session, user_id):
        raise unauthenticated("invalid_token")
    members = await queries.count_members(session, team.id)
    rules.check_seat(members, await seat_limit(session, team))
    membership = Membership(team_id=team.id, user_id=user_id, role=role)
    session.add(membership)
    await session.flush()
    await record(
        session,
        AuditAction.MEMBER_JOINED,
        team_id=team.id,
        target=("user", user_id),
        details={"role": role},
    )
    return membership


async def open_one(session: AsyncSession, team_id: int, invitation_id: int) -> Invitation:
    """An open invitation of the locked team; raises 404."""
    which = Invitation.id == invitation_id
    found = await queries.open_invitation(session, team_id, which)
    if found is None:
        raise not_found("invitation")
    return found


def require_open(invitation: Invitation) -> None:
    """Raise 404 when it was accepted or revoked."""
    if invitation.accepted_at or invitation.revoked_at:
        raise not_found("invitation")


async def end(session: AsyncSession, invitation: Invitation, **details: object) -> None:
    """Let nobody accept it; its team is locked."""
    invitation.revoked_at = now()
    await session.flush()
    await note(session, AuditAction.INVITATION_REVOKED, invitation, **details)


async def note(
    session: AsyncSession, action: AuditAction, invitation: Invitation, **details: object
) -> None:
    """Record what happens to an invitation."""
    await record(
        session,
        action,
        team_id=invitation.team_id,
        target=("invitation", invitation.id),
        details=details,
    )
