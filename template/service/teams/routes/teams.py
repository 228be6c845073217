"""Teams."""

from collections.abc import Sequence

from sqlalchemy import select

from core.api.pages import page_of
from core.api.schemas import Member, NewTeam, Page, Team, TeamChange, Transfer
from core.teams import roles
from core.teams.roles import Role
from service.api.lists import PageOf, fetch
from service.api.routes import IfMatch, Routes, check_version
from service.db import CurrentSession
from service.identity.dependencies import CurrentCaller, CurrentPrincipal, KeyCaller
from service.teams import members as memberships
from service.teams import models, queries
from service.teams import teams as changes
from service.teams.dependencies import CurrentMembership, CurrentTeam
from service.teams.routes.members import shown as member_shown

router = Routes()


def shown(team: models.Team, role: Role | None) -> Team:
    """A team as the API shows it to somebody with this role."""
    return Team(
        id=team.id,
        name=team.name,
        is_personal=team.is_personal,
        role=role,
        created_at=team.created_at,
    )


@router.operation
async def list_teams(
    query: PageOf, principal: CurrentPrincipal, session: CurrentSession
) -> Page[Team]:
    """Those of the person, or the one of the key."""
    roles_of: dict[int, Role] = {}
    rows: Sequence[models.Team]
    if isinstance(principal, KeyCaller):
        own = select(models.Team).where(models.Team.id == principal.team_id)
        rows = await fetch(session, own, query, models.Team.id)
    else:
        rows = await fetch(session, queries.teams_of(principal.id), query, models.Team.id)
        ids = [team.id for team in rows]
        roles_of = await queries.roles_in(session, principal.id, ids)
    return page_of(
        rows, query.limit, lambda team: shown(team, roles_of.get(team.id)), lambda team: team.id
    )


@router.operation
async def create_team(body: NewTeam, caller: CurrentCaller, session: CurrentSession) -> Team:
    """Made for the caller."""
    return shown(await changes.create_team(session, caller.id, body.name), Role.OWNER)


@router.operation
async def get_team(team: CurrentTeam, session: CurrentSession) -> Team:
    """As the caller sees it."""
    return shown(await queries.team_by_id(session, team.id), team.role)


@router.operation
async def update_team(
    body: TeamChange, team: CurrentMembership, session: CurrentSession, if_match: IfMatch
) -> Team:
    """Renamed, unless somebody else was faster."""
    found, role = await queries.lock_for(session, team.id, team.caller.id, roles.RENAME_TEAM)
    check_version(if_match, shown(found, role))
    await changes.rename_team(session, found, body.name)
    return shown(found, role)


@router.operation
async def delete_team(team: CurrentMembership, session: CurrentSession) -> None:
    """Gone, but for its audit log."""
    await changes.delete_team(session, team.caller.id, team.id)


@router.operation
async def leave_team(team: CurrentMembership, session: CurrentSession) -> None:
    """The caller goes."""
    await memberships.leave_team(session, team.caller.id, team.id)


@router.operation
async def transfer_team(body: Transfer, team: CurrentMembership, session: CurrentSession) -> Member:
    """The new owner."""
    return member_shown(await changes.transfer_team(session, team.caller.id, team.id, body.user_id))
