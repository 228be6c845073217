"""What becomes of somebody's teams when their account goes."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.teams.roles import Role
from core.teams.rules import OwnedTeam, check_account_may_go
from service.teams import queries
from service.teams.erase import erase_team
from service.teams.members import end_membership
from service.teams.models import Membership, Team


async def leave_all_teams(session: AsyncSession, user_id: int) -> None:
    """End somebody's memberships, and the teams where they are alone; the caller commits.

    Raises 409, and changes nothing, when a team with other members would be left without an owner.
    """
    # Once more: with the user locked, nobody makes them a member of another team.
    locked = await lock_teams(session, user_id)
    alone = check_account_may_go(await owned_teams(session, user_id))
    for team_id in alone:
        await erase_team(session, locked[team_id])
    for team_id in locked.keys() - set(alone):
        member = await queries.member(session, team_id, user_id)
        await end_membership(session, member, AuditAction.MEMBER_LEFT)


async def lock_teams(session: AsyncSession, user_id: int) -> dict[int, Team]:
    """The teams that somebody is in, changed by nobody else until the commit."""
    # In the order of their ids, so that two who go at once do not wait for each other.
    mine = queries.teams_of(user_id).order_by(Team.id).with_for_update(key_share=True)
    found = await session.scalars(mine.execution_options(populate_existing=True))
    return {team.id: team for team in found}


async def owned_teams(session: AsyncSession, user_id: int) -> list[OwnedTeam]:
    """The teams that somebody owns, and who else is in them; they are locked."""
    owned = select(Membership.team_id).where(
        Membership.user_id == user_id, Membership.role == Role.OWNER
    )
    teams = await session.scalars(
        queries.teams_of(user_id).where(Team.id.in_(owned)).order_by(Team.id)
    )
    numbers = await session.execute(
        select(
            Membership.team_id,
            func.count(),
            func.count().filter(Membership.role == Role.OWNER),
        )
        .where(Membership.team_id.in_(owned))
        .group_by(Membership.team_id)
    )
    people = {team_id: (members, owners) for team_id, members, owners in numbers}
    return [OwnedTeam(team.id, team.name, *people[team.id]) for team in teams]
