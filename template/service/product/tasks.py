"""Yours: what the worker does for your product."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.product.export import projects_file
from core.product.permissions import EXPORT_PROJECTS
from core.product.tasks import ExportProjects
from core.teams.context import current_team_id
from core.teams.roles import Role, may
from service import mail
from service.accounts.models import User
from service.product.models import Project
from service.tasks import task
from service.teams.models import Membership, Team


@task(ExportProjects)
def export_projects(payload: ExportProjects, session: Session) -> None:
    """Mail the projects to whoever asked, if they still belong to the team."""
    member = session.execute(
        select(User.email, Team.name, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .join(Team, Team.id == Membership.team_id)
        .where(Team.id == current_team_id(), User.id == payload.user_id, User.is_active)
    ).one_or_none()
    if member is None or not may([Role(member.role)], EXPORT_PROJECTS):
        return
    rows = session.scalars(select(Project).order_by(Project.id).execution_options(yield_per=1000))
    file = projects_file(row.shown() for row in rows)
    mail.send_mail("project_export", member.email, {"team": member.name}, file)
