"""Yours: demo data of your product. `python -m service.demo` calls `add_demo_data` when it runs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.product.demo import PROJECTS
from core.teams.context import team_scope
from service.accounts.models import User, now
from service.product.models import Project
from service.teams.models import Team


def add_demo_data(session: Session, team: Team, owner: User) -> None:
    """Give the demo team something to work on, unless it has something already."""
    with team_scope(team.id):
        if session.scalar(select(Project.id).limit(1)) is not None:
            return
        for name, description, is_archived in PROJECTS:
            project = Project(name=name, description=description, created_by_id=owner.id)
            project.archived_at = now() if is_archived else None
            session.add(project)
        session.flush()
