"""Teams."""

from ninja import Query

from core.api.schemas import Member, NewTeam, Page, PageQuery, Team, TeamChange, Transfer
from core.problems import not_found
from web.api.caller import ApiRequest, TeamRequest
from web.api.lists import page
from web.api.routes import Routes, check_version
from web.teams import models
from web.teams.api.members import shown

router = Routes()


@router.operation
def list_teams(request: ApiRequest, query: Query[PageQuery]) -> Page[Team]:
    """Those of the person, or the one of the key."""
    teams = models.Team.objects.all()
    if request.auth.key:
        return page(teams.filter(pk=request.auth.key.team_id), query, Team.model_validate)
    return page(teams.of(request.auth.person), query, Team.model_validate)


@router.operation
def create_team(request: ApiRequest, body: NewTeam) -> Team:
    """Made for the caller."""
    return Team.model_validate(models.Team.objects.all().create_for(request.auth.person, body.name))


@router.operation
def get_team(request: TeamRequest) -> Team:
    """As the caller sees it."""
    return Team.model_validate(request.team)


@router.operation
def update_team(request: TeamRequest, body: TeamChange) -> Team:
    """Renamed, unless somebody else was faster."""
    with request.team.locked() as team:
        team.role = request.team.role
        check_version(request, Team.model_validate(team))
        team.rename(request.auth.person, body.name)
        return Team.model_validate(team)


@router.operation
def delete_team(request: TeamRequest) -> None:
    """Gone, but for its audit log."""
    request.team.delete_by(request.auth.person)


@router.operation
def leave_team(request: TeamRequest) -> None:
    """The caller goes."""
    request.team.membership_of(request.auth.person).leave()


@router.operation
def transfer_team(request: TeamRequest, body: Transfer) -> Member:
    """The new owner."""
    to = request.team.members.filter(pk=body.user_id).first()
    if to is None:
        raise not_found("member")
    return shown(request.team.transfer(request.auth.person, to))
