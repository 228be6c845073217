"""The pages of those who are invited."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.problems import Problem, not_found
from web.accounts.models import User
from web.accounts.views import SignedInRequest
from web.refusals import refusals_shown
from web.teams.models import Invitation
from web.teams.request import choose_team

SESSION_KEY = "invitation_token"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """What the link in the mail opens: it asks, and only a POST accepts.

    The token moves from the address into the session at once, so that no other page learns it.
    """
    if token := request.GET.get("token"):
        request.session[SESSION_KEY] = token
        response = redirect("accept_invitation")
        # This address alone holds the token. A page with a form must not say so: its posts would
        # come with `Origin: null`, which the CSRF check refuses.
        response["Referrer-Policy"] = "no-referrer"
        return response
    invitation = Invitation.objects.with_token(request.session.get(SESSION_KEY, ""))
    if invitation is None:
        return render(request, "teams/invitation_gone.html", status=404)
    if isinstance(request.user, User):
        return answer(request, request.user, invitation)
    query = urlencode({"next": reverse("accept_invitation"), "email": invitation.email})
    context = {"invitation": invitation, "query": query}
    return render(request, "teams/invitation_stranger.html", context)


def answer(request: HttpRequest, user: User, invitation: Invitation) -> HttpResponse:
    """The question, or its answer, for somebody who is signed in."""
    try:
        invitation.require_address_of(user)
    except Problem:
        return render(request, "teams/invitation_other.html", {"invitation": invitation})
    if request.method == "POST":
        return accept(request, user, invitation)
    return render(request, "teams/invitation.html", {"invitation": invitation})


def accept(request: HttpRequest, user: User, invitation: Invitation) -> HttpResponse:
    """Join the team and go to work for it, or see why that is not possible."""
    with refusals_shown(request):
        membership = invitation.accept(user)
        request.session.pop(SESSION_KEY, None)
        choose_team(request, membership.team)
        messages.success(request, f"Welcome to {membership.team}.")
        return redirect("dashboard")
    return redirect("teams")


@require_POST
@login_required
def accept_mine(request: SignedInRequest, invitation_id: int) -> HttpResponse:
    """Accept an invitation from the list of one's own."""
    return accept(request, request.user, own_invitation(request.user, invitation_id))


@require_POST
@login_required
def decline_mine(request: SignedInRequest, invitation_id: int) -> HttpResponse:
    """Refuse an invitation."""
    invitation = own_invitation(request.user, invitation_id)
    with refusals_shown(request):
        invitation.decline(request.user)
        messages.success(request, f"You have declined the invitation to {invitation.team}.")
    return redirect("teams")


def own_invitation(user: User, invitation_id: int) -> Invitation:
    """An invitation to an address that this person has verified; raises 404."""
    found = Invitation.objects.for_user(user).filter(pk=invitation_id).first()
    if found is None:
        raise not_found("invitation")
    return found
