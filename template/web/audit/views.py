"""The audit log of a team, for its owners and admins."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.teams.roles import VIEW_AUDIT_LOG
from web.audit.models import Entry
from web.audit.sentences import told
from web.teams.request import TeamRequest, team_permission

PER_PAGE = 50


@require_safe
@team_permission(VIEW_AUDIT_LOG)
def audit_log(request: TeamRequest) -> HttpResponse:
    """Who did what in the team, newest first, a page of it at a time."""
    entries = Entry.objects.filter(team_id=request.team.pk)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "events": told(page.object_list)}
    return render(request, "audit/log.html", context)
