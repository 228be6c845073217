"""Inviting people, for those in a team."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from core.problems import not_found
from core.teams import roles
from core.teams.roles import Role
from web.refusals import refusals_shown
from web.teams.forms import InvitationForm
from web.teams.models import Invitation
from web.teams.request import TeamRequest, team_permission
from web.teams.views.teams import back_to, page_context


@require_POST
@team_permission(roles.INVITE)
def invite(request: TeamRequest) -> HttpResponse:
    """Invite somebody by mail."""
    form = InvitationForm(request.POST, by=Role(request.membership.role))
    if not form.is_valid():
        return render(request, "teams/team.html", page_context(request, invitation_form=form))
    with refusals_shown(request):
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        invitation = request.team.invite(request.user, email, role)
        messages.success(request, f"A mail is on its way to {invitation.email}.")
    return back_to(request.team)


@require_POST
@team_permission(roles.INVITE)
def resend(request: TeamRequest, invitation_id: int) -> HttpResponse:
    """Send the mail once more, with a new link."""
    invitation = invitation_of(request, invitation_id)
    with refusals_shown(request):
        invitation.resend(request.user)
        messages.success(request, f"Another mail is on its way to {invitation.email}.")
    return back_to(request.team)


@require_POST
@team_permission(roles.INVITE)
def revoke(request: TeamRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = invitation_of(request, invitation_id)
    with refusals_shown(request):
        invitation.revoke(request.user)
        messages.success(request, f"The invitation of {invitation.email} is revoked.")
    return back_to(request.team)


def invitation_of(request: TeamRequest, invitation_id: int) -> Invitation:
    """An open invitation of this team; raises 404."""
    found = request.team.invitations.open().filter(pk=invitation_id).first()
    if found is None:
        raise not_found("invitation")
    return found
