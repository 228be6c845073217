"""Teams: made, renamed, given away and deleted. The caller of each function commits."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.problems import not_found
from core.teams import roles, rules
from core.teams.roles import Role
from service.accounts import queries as accounts
from service.audit.record import record
from service.identity.dependencies import unauthenticated
from service.teams import queries
from service.teams.erase import erase_team
from service.teams.members import revoke_sent
from service.teams.models import Membership, Team


async def create_team(session: AsyncSession, user_id: int, name: str) -> Team:
    """Make a team whose owner is this person."""
    # Two teams made at once are counted one after the other.
    if await accounts.lock_user(session, user_id) is None:
        raise unauthenticated("invalid_token")
    owned = await queries.count_owned(session, user_id)
    rules.check_bound(owned, rules.MOST_TEAMS, "teams that you own")
    team = Team(name=name)
    session.add(team)
    await session.flush()
    session.add(Membership(team_id=team.id, user_id=user_id, role=Role.OWNER))
    await session.flush()
    await record(
        session,
        AuditAction.TEAM_CREATED,
        team_id=team.id,
        target=("team", team.id),
        details={"name": name},
    )
    return team


async def rename_team(session: AsyncSession, team: Team, name: str) -> None:
    """Call the locked team something else."""
    former = team.name
    if name == former:
        return
    team.name = name
    await session.flush()
    await record(
        session,
        AuditAction.TEAM_RENAMED,
        team_id=team.id,
        target=("team", team.id),
        # The name of a personal team is the person's, and entries stay for ever.
        details={} if team.is_personal else {"former": former, "new": name},
    )


async def delete_team(session: AsyncSession, user_id: int, team_id: int) -> None:
    """Delete the team with all that is in it. Only its audit log stays."""
    team, _ = await queries.lock_for(session, team_id, user_id, roles.DELETE_TEAM)
    rules.check_not_personal(is_personal=team.is_personal)
    await erase_team(session, team)


async def transfer_team(
    session: AsyncSession, user_id: int, team_id: int, to_id: int
) -> Membership:
    """Make somebody else the owner, whose membership it answers, and this one an admin."""
    team, _ = await queries.lock_for(session, team_id, user_id, roles.TRANSFER_OWNERSHIP)
    rules.check_not_personal(is_personal=team.is_personal)
    successor = await queries.member(session, team_id, to_id)
    if to_id == user_id:
        raise rules.conflict("same-owner", "This is the owner", "Choose somebody else.")
    mine = await queries.membership(session, team_id, user_id)
    if mine is None:
        raise not_found("team")
    successor.role, mine.role = Role.OWNER, Role.ADMIN
    await session.flush()
    await record(
        session,
        AuditAction.OWNERSHIP_TRANSFERRED,
        team_id=team_id,
        target=("user", to_id),
        details={"former": user_id, "new": to_id},
    )
    await revoke_sent(session, team_id, user_id, Role.ADMIN)
    return successor
