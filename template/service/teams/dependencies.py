"""The team of a request: put `CurrentTeam` into the parameters of a route below `/teams/{team_id}`.

    @router.get("/teams/{team_id}/projects", dependencies=[permit(VIEW_PROJECTS)])
    async def list_projects(team: CurrentTeam, session: CurrentSession) -> ...: ...

Who is not in the team, and the key of another team, gets the same 404 as for no team at all. Inside
the route the rows of this team, and of no other, are reached: see `service.teams.scope`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path
from psycopg import sql

from core.api.schemas import Id
from core.problems import not_found
from core.teams.context import team_scope
from core.teams.roles import Action, Role, Scope
from core.teams.rules import require
from service.identity.dependencies import Caller, CurrentPrincipal, KeyCaller, Principal, person
from service.pool import CurrentPool

MEMBER = sql.SQL("""
    SELECT membership.role FROM teams_membership AS membership
    WHERE membership.team_id = %(team_id)s AND membership.user_id = %(user_id)s
""")

TeamId = Annotated[Id, Path()]


@dataclass(frozen=True, slots=True)
class TeamAccess:
    """A team, and what the caller may do in it."""

    id: int
    principal: Principal
    # None for an API key.
    role: Role | None
    granted: frozenset[Role | Scope]

    @property
    def caller(self) -> Caller:
        """The person who calls; raises 403 for an API key."""
        return person(self.principal)


async def current_team(
    team_id: TeamId, principal: CurrentPrincipal, pool: CurrentPool
) -> AsyncIterator[TeamAccess]:
    """The team of the path, whose rows are reached while the route runs; 404 for outsiders."""
    access = await access_to(team_id, principal, pool)
    with team_scope(team_id):
        yield access


async def access_to(team_id: int, principal: Principal, pool: CurrentPool) -> TeamAccess:
    """What the caller may do in the team; raises 404 where that is nothing."""
    if isinstance(principal, KeyCaller):
        if principal.team_id != team_id:
            raise not_found("team")
        return TeamAccess(team_id, principal, None, frozenset(principal.scopes))
    async with pool.connection() as connection:
        parameters = {"team_id": team_id, "user_id": principal.id}
        row = await (await connection.execute(MEMBER, parameters)).fetchone()
    if row is None:
        raise not_found("team")
    role = Role(row["role"])
    return TeamAccess(team_id, principal, role, frozenset({role}))


# The scope ends before the answer is sent, so that nothing leaks into the next request.
CurrentTeam = Annotated[TeamAccess, Depends(current_team, scope="function")]


async def current_membership(team: CurrentTeam) -> TeamAccess:
    """The team of the path, for people; answers 403 to an API key."""
    person(team.principal)
    return team


CurrentMembership = Annotated[TeamAccess, Depends(current_membership)]


def permit(action: Action) -> Any:
    """For the `dependencies=` of a route: answers 403 to whom the table of roles refuses it."""

    async def check(team: CurrentTeam) -> None:
        require(team.granted, action)

    return Depends(check)
