"""The team that a page works for: `request.team` and `request.membership`.

    @team_permission(EDIT_PROJECTS)
    def rename_project(request: TeamRequest, project_id: int) -> HttpResponse: ...

An address that holds a `team_id` names the team; else it is the one chosen in this session, and
else the personal team. Whether the person still belongs to it is asked with every request.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.problems import not_found
from core.teams import rules
from core.teams.context import team_scope
from core.teams.roles import Action, Role, may
from web.accounts.models import User
from web.teams.models import Membership, Team
from web.teams.plan import check_plan

SESSION_KEY = "team_id"
View = Callable[..., HttpResponseBase]


class TeamRequest(HttpRequest):
    """A request behind `team_required` or `team_permission`."""

    user: User
    team: Team
    membership: Membership


def choose_team(request: HttpRequest, team: Team) -> None:
    """Work for this team in this session, wherever an address does not name another."""
    request.session[SESSION_KEY] = team.pk


def current_membership(request: HttpRequest, user: User) -> Membership | None:
    """The membership in the team that the session has chosen, else in the personal team."""
    mine = Membership.objects.of(user)
    chosen = mine.filter(team=request.session.get(SESSION_KEY)).first()
    # Fixtures may have made somebody without a personal team.
    return chosen or mine.filter(team__personal_user=user).first() or mine.first()


def team_required(view: View) -> View:
    """Let members in, with `request.team`, and the view work in the scope of their team."""

    @wraps(view)
    def wrapped(
        request: TeamRequest, *args: Any, team_id: int | None = None, **kwargs: Any
    ) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(page_of(request))
        if team_id is None:
            membership = current_membership(request, request.user)
        else:
            membership = Membership.objects.of(request.user).filter(team=team_id).first()
        if membership is None:
            raise not_found("team")
        request.membership, request.team = membership, membership.team
        request.team.role = membership.role
        with team_scope(request.team.pk):
            response = view(request, *args, **kwargs)
            # Django would render it after the scope has ended.
            if isinstance(response, SimpleTemplateResponse):
                response.render()
        return response

    return wrapped


def page_of(request: HttpRequest) -> str:
    """Where to go on after the login: this address, or the page whose button led to it."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return reverse("dashboard")
    return urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl()


def team_permission(action: Action) -> Callable[[View], View]:
    """`team_required`, for those alone whose role allows the action."""

    def decorate(view: View) -> View:
        @wraps(view)
        def permitted(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            rules.require([Role(request.membership.role)], action)
            if request.resolver_match:
                check_plan(request.team.pk, request.resolver_match.url_name or "")
            return view(request, *args, **kwargs)

        return team_required(permitted)

    return decorate


def allows(request: TeamRequest, action: Action) -> bool:
    """Whether the person may do this here; for what a page offers."""
    return may([Role(request.membership.role)], action)
