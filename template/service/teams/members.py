"""Members: who is in a team, and as what. The caller of each function commits."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.teams import roles, rules
from core.teams.roles import Role
from service.audit.record import record
from service.teams import queries
from service.teams.invitations import end
from service.teams.models import Invitation, Membership


async def change_role(
    session: AsyncSession, by: int, team_id: int, user_id: int, role: Role
) -> Membership:
    """Give somebody another role."""
    _, mine = await queries.lock_for(session, team_id, by, roles.CHANGE_ROLES)
    member = await queries.member(session, team_id, user_id)
    rules.check_role_change(mine, Role(member.role), role)
    await set_role(session, member, role)
    return member


async def set_role(session: AsyncSession, member: Membership, role: Role) -> None:
    """Give somebody another role, whoever asks; the team is locked."""
    former = Role(member.role)
    owners = await queries.count_owners(session, member.team_id)
    rules.check_owner_stays(former, role, owners)
    if role == former:
        return
    member.role = role
    await session.flush()
    await record(
        session,
        AuditAction.MEMBER_ROLE_CHANGED,
        team_id=member.team_id,
        target=("user", member.user_id),
        details={"former": former, "new": role},
    )
    await revoke_sent(session, member.team_id, member.user_id, role)


async def remove_member(session: AsyncSession, by: int, team_id: int, user_id: int) -> None:
    """Put somebody out of the team."""
    _, mine = await queries.lock_for(session, team_id, by, roles.REMOVE_MEMBERS)
    member = await queries.member(session, team_id, user_id)
    rules.check_removal(mine, Role(member.role))
    await end_membership(session, member, AuditAction.MEMBER_REMOVED)


async def leave_team(session: AsyncSession, user_id: int, team_id: int) -> None:
    """Go, as a person decides for themselves."""
    team, _ = await queries.lock_for(session, team_id, user_id, roles.LEAVE_TEAM)
    rules.check_not_personal(is_personal=team.is_personal)
    member = await queries.member(session, team_id, user_id)
    await end_membership(session, member, AuditAction.MEMBER_LEFT)


async def end_membership(session: AsyncSession, member: Membership, action: AuditAction) -> None:
    """Delete the membership, whoever asks; the team is locked."""
    owners = await queries.count_owners(session, member.team_id)
    rules.check_owner_stays(Role(member.role), None, owners)
    await record(
        session,
        action,
        team_id=member.team_id,
        target=("user", member.user_id),
        details={"role": member.role},
    )
    await session.delete(member)
    await session.flush()
    await revoke_sent(session, member.team_id, member.user_id, None)


async def revoke_sent(session: AsyncSession, team_id: int, user_id: int, role: Role | None) -> None:
    """Take back what somebody sent and could not send now; the team is locked."""
    sent = queries.invitations_of(team_id).where(Invitation.invited_by_id == user_id)
    for invitation in await session.scalars(sent.order_by(Invitation.id)):
        if not rules.could_invite(role, Role(invitation.role)):
            await end(session, invitation)
