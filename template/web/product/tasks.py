"""Yours: what the worker does for your product."""

from django.utils import timezone

from core.product.export import projects_file
from core.product.permissions import EXPORT_PROJECTS
from core.product.tasks import ExportProjects, export_key
from core.teams.context import current_team_id
from core.teams.roles import Role, may
from web import mail
from web.product.models import Project
from web.queue import enqueue, task
from web.teams.models import Membership


def ask_for_export(user_id: int) -> None:
    """Let the projects of the present team be mailed to somebody, once a minute at most."""
    team_id = current_team_id()
    key = export_key(team_id, user_id, timezone.now())
    enqueue(ExportProjects(user_id=user_id), key=key, team_id=team_id)


@task(ExportProjects)
def export_projects(payload: ExportProjects) -> None:
    """Mail the projects to whoever asked, if they still belong to the team."""
    members = Membership.objects.filter(team_id=current_team_id(), user_id=payload.user_id)
    member = members.filter(user__is_active=True).select_related("team", "user").first()
    if member is None or not may([Role(member.role)], EXPORT_PROJECTS):
        return
    rows = Project.objects.select_related("created_by").order_by("pk").iterator(chunk_size=1000)
    file = projects_file(row.shown() for row in rows)
    mail.send_mail("project_export", member.user.email, {"team": member.team.name}, file)
