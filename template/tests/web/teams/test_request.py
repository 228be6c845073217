"""The team that a view works for."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, StreamingHttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory

from core.problems import Problem
from core.teams.context import NoTeam, current_team_id
from core.teams.roles import DELETE_TEAM
from web.accounts.models import User
from web.teams.models import Membership, Team
from web.teams.request import TeamRequest, choose_team, team_permission, team_required


@pytest.fixture
def request_of_owner(owner: User) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user, request.session = owner, SessionStore()
    return request


@team_required
def tell(request: TeamRequest) -> SimpleTemplateResponse:
    """Says for which team it runs, when it is rendered."""
    template = engines["django"].from_string("{{ team }} {{ role }} {{ id }}")
    context = {"team": request.team, "role": request.membership.role, "id": current_team_id}
    return SimpleTemplateResponse(template, context)


def test_the_address_names_the_team_and_else_the_session_does(
    request_of_owner: HttpRequest, team: Team, owner: User
) -> None:
    personal = owner.personal_team

    def told(**address: int) -> str:
        return str(tell(request_of_owner, **address).content.decode())  # type: ignore[attr-defined]

    assert told() == f"Olive owner {personal.pk}"
    assert told(team_id=team.pk) == f"Acme owner {team.pk}"
    choose_team(request_of_owner, team)
    assert told() == f"Acme owner {team.pk}"
    assert told(team_id=personal.pk) == f"Olive owner {personal.pk}"
    Membership.objects.filter(team=team).delete()
    assert told() == f"Olive owner {personal.pk}"
    with pytest.raises(Problem) as refusal:
        told(team_id=team.pk)
    assert refusal.value.status == 404


def test_the_scope_ends_with_the_view(request_of_owner: HttpRequest) -> None:
    @team_required
    def stream(request: TeamRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(str(current_team_id()) for _ in range(1))

    tell(request_of_owner)
    with pytest.raises(NoTeam):
        current_team_id()
    with pytest.raises(NoTeam):
        list(stream(request_of_owner))


def test_a_role_that_does_not_suffice_never_reaches_the_view(team: Team, member: User) -> None:
    @team_permission(DELETE_TEAM)
    def never(request: TeamRequest) -> StreamingHttpResponse:
        raise AssertionError

    request = RequestFactory().get("/")
    request.user, request.session = member, SessionStore()
    with pytest.raises(Problem) as refusal:
        never(request, team_id=team.pk)
    assert refusal.value.status == 403
    request.user = AnonymousUser()
    assert never(request, team_id=team.pk).status_code == 302


@pytest.mark.parametrize(
    ("came_from", "goes_on"),
    [
        ("http://testserver/pricing/?interval=year", "/pricing/%3Finterval%3Dyear"),
        ("http://elsewhere.example/pricing/", "/dashboard/"),
        ("", "/dashboard/"),
    ],
)
def test_who_presses_a_button_after_the_session_has_ended_comes_back_to_its_page(
    came_from: str, goes_on: str
) -> None:
    request = RequestFactory().post("/teams/1/delete/", headers={"Referer": came_from})
    request.user = AnonymousUser()
    response = tell(request, team_id=1)
    assert response["Location"] == f"/account/login/?next={goes_on}"
