"""Changes to the members of a team."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core.problems import not_found
from core.teams import roles
from web.refusals import refusals_shown
from web.teams.forms import RoleForm
from web.teams.models import Membership
from web.teams.request import TeamRequest, team_permission
from web.teams.views.teams import back_to


@require_POST
@team_permission(roles.CHANGE_ROLES)
def change_role(request: TeamRequest, user_id: int) -> HttpResponse:
    """Give a member another role."""
    form = RoleForm(request.POST)
    member = member_of(request, user_id)
    if form.is_valid():
        with refusals_shown(request):
            member.change_role(request.user, form.cleaned_data["role"])
            messages.success(request, f"{member.user} is {member.get_role_display()} now.")
    return back_to(request.team)


@require_POST
@team_permission(roles.REMOVE_MEMBERS)
def remove(request: TeamRequest, user_id: int) -> HttpResponse:
    """Put a member out of the team."""
    member = member_of(request, user_id)
    with refusals_shown(request):
        member.remove(request.user)
        messages.success(request, f"{member.user} is no longer in the team.")
    return back_to(request.team)


@require_POST
@team_permission(roles.LEAVE_TEAM)
def leave(request: TeamRequest) -> HttpResponse:
    """Leave the team."""
    with refusals_shown(request):
        request.membership.leave()
        messages.success(request, f"You have left {request.team}.")
        return redirect("teams")
    return back_to(request.team)


def member_of(request: TeamRequest, user_id: int) -> Membership:
    """Somebody's membership in this team; raises 404."""
    members = request.team.memberships.select_related("team", "user")
    found = members.filter(user=user_id).first()
    if found is None:
        raise not_found("member")
    return found
