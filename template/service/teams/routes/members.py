"""Who is in a team."""

from core.api.pages import page_of
from core.api.schemas import Id, Member, Page, RoleChange
from core.teams.roles import Role
from service.api.lists import PageOf, fetch
from service.api.routes import Routes
from service.db import CurrentSession
from service.teams import members, models, queries
from service.teams.dependencies import CurrentMembership, CurrentTeam

router = Routes()


def shown(member: models.Membership) -> Member:
    """A member as the API shows them."""
    return Member(
        user_id=member.user_id,
        email=member.user.email,
        name=member.user.name,
        role=Role(member.role),
        joined_at=member.created_at,
    )


@router.operation
async def list_members(query: PageOf, team: CurrentTeam, session: CurrentSession) -> Page[Member]:
    """The first to come is the first."""
    rows = await fetch(session, queries.members_of(team.id), query, models.Membership.id)
    return page_of(rows, query.limit, shown, lambda member: member.id)


@router.operation
async def change_role(
    user_id: Id, body: RoleChange, team: CurrentMembership, session: CurrentSession
) -> Member:
    """The member with the new role."""
    by = team.caller.id
    return shown(await members.change_role(session, by, team.id, user_id, body.role))


@router.operation
async def remove_member(user_id: Id, team: CurrentMembership, session: CurrentSession) -> None:
    """Out of the team."""
    await members.remove_member(session, team.caller.id, team.id, user_id)
