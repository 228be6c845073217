"""The keys of a team."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.problems import not_found
from core.teams import roles
from web.refusals import refusals_shown
from web.teams.forms import ApiKeyForm
from web.teams.request import TeamRequest, team_permission


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@team_permission(roles.MANAGE_API_KEYS)
def api_keys(request: TeamRequest) -> HttpResponse:
    """The keys, and a form that makes one; its text is in the answer to that and nowhere else."""
    form, text = ApiKeyForm(request.POST or None), ""
    if form.is_valid():
        name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"]
        with refusals_shown(request):
            text, _ = request.team.make_api_key(request.user, name, scopes, form.expires)
            form = ApiKeyForm()
    keys = request.team.api_keys.alive().select_related("created_by").order_by("-pk")
    return render(request, "teams/api_keys.html", {"form": form, "text": text, "keys": keys})


@require_POST
@team_permission(roles.MANAGE_API_KEYS)
def revoke_api_key(request: TeamRequest, api_key_id: int) -> HttpResponse:
    """Let a key open nothing any more."""
    key = request.team.api_keys.alive().filter(pk=api_key_id).first()
    if key is None:
        raise not_found("API key")
    with refusals_shown(request):
        key.revoke(request.user)
        messages.success(request, f"{key.name} opens nothing any more.")
    return redirect("team_api_keys", request.team.pk)
