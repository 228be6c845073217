"""The list of somebody's teams, and each team's own page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.problems import not_found
from core.teams import roles
from core.teams.roles import Role
from web.accounts.models import User
from web.accounts.views import SignedInRequest
from web.refusals import refusals_shown
from web.teams.forms import DeletionForm, InvitationForm, TeamForm, offered_roles
from web.teams.models import Invitation, Team
from web.teams.request import TeamRequest, allows, choose_team, team_permission


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def team_list(request: SignedInRequest) -> HttpResponse:
    """The teams one is in, those one is invited to, and a form that makes another."""
    form = TeamForm(request.POST or None)
    if form.is_valid():
        with refusals_shown(request):
            team = Team.objects.create_for(request.user, form.cleaned_data["name"])
            choose_team(request, team)
            return redirect("team", team.pk)
    context = {
        "form": form,
        "teams": Team.objects.of(request.user),
        "invitations": Invitation.objects.for_user(request.user),
    }
    return render(request, "teams/list.html", context)


@require_POST
@login_required
def switch_team(request: SignedInRequest) -> HttpResponse:
    """Work for another team in this session."""
    wanted = request.POST.get("team_id", "")
    team = Team.objects.of(request.user).filter(pk=wanted).first() if wanted.isdecimal() else None
    if team is None:
        raise not_found("team")
    choose_team(request, team)
    return redirect("dashboard")


@require_safe
@team_permission(roles.VIEW_TEAM)
def team_page(request: TeamRequest) -> HttpResponse:
    """The members, and what one's role allows to change."""
    return render(request, "teams/team.html", page_context(request))


@require_POST
@team_permission(roles.RENAME_TEAM)
def rename(request: TeamRequest) -> HttpResponse:
    """Call the team something else."""
    form = TeamForm(request.POST)
    if not form.is_valid():
        return render(request, "teams/team.html", page_context(request, rename_form=form))
    with refusals_shown(request):
        request.team.rename(request.user, form.cleaned_data["name"])
        messages.success(request, "The team has a new name.")
    return back_to(request.team)


@require_POST
@team_permission(roles.TRANSFER_OWNERSHIP)
def transfer(request: TeamRequest) -> HttpResponse:
    """Make a member the owner, and oneself an admin."""
    with refusals_shown(request):
        successor = request.team.transfer(request.user, chosen_member(request))
        messages.success(request, f"{successor.user} owns the team now. You are an admin.")
    return back_to(request.team)


@require_POST
@team_permission(roles.DELETE_TEAM)
def delete(request: TeamRequest) -> HttpResponse:
    """Delete the team with all that is in it, once its name was typed."""
    form = DeletionForm(request.POST, team=request.team)
    if not form.is_valid():
        return render(request, "teams/team.html", page_context(request, deletion_form=form))
    with refusals_shown(request):
        request.team.delete_by(request.user)
        messages.success(request, f"{request.team} is deleted.")
        return redirect("teams")
    return back_to(request.team)


def chosen_member(request: TeamRequest) -> User:
    """The member whose `user_id` was posted; raises 404 for anybody else."""
    wanted = request.POST.get("user_id", "")
    found = request.team.members.filter(pk=wanted).first() if wanted.isdecimal() else None
    if found is None:
        raise not_found("member")
    return found


def back_to(team: Team) -> HttpResponse:
    """The team's page, after a change."""
    return redirect("team", team.pk)


def page_context(request: TeamRequest, **forms: Any) -> dict[str, Any]:
    """What the team's page shows; `forms` are those that were sent and not accepted."""
    role = Role(request.membership.role)
    team = request.team
    members = team.memberships.select_related("user").order_by("pk")
    may_invite = allows(request, roles.INVITE) and not team.is_personal
    invitations = team.invitations.open().select_related("invited_by").order_by("-pk")
    return {
        "members": members,
        "successors": [each.user for each in members if each.user_id != request.user.pk],
        "roles": offered_roles(role),
        "invitations": invitations if may_invite else (),
        "may_invite": may_invite,
        "may_rename": allows(request, roles.RENAME_TEAM),
        "may_change_roles": allows(request, roles.CHANGE_ROLES),
        "may_transfer": allows(request, roles.TRANSFER_OWNERSHIP) and not team.is_personal,
        "may_delete": allows(request, roles.DELETE_TEAM) and not team.is_personal,
        "rename_form": TeamForm(initial={"name": team.name}),
        "invitation_form": InvitationForm(by=role),
        "deletion_form": DeletionForm(team=team),
        **forms,
    }
