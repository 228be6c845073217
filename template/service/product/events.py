"""Yours: what webhooks tell of your product.

SQLAlchemy itself calls this, however a project is made or changed, so that no route can forget it.
Only statements that change many rows at once pass it by: call `emit` by hand there.
"""

from sqlalchemy import Connection, event, inspect

from core.outgoing.emit import emit
from core.product.events import ProjectArchived, ProjectCreated, ProjectFacts, ProjectUpdated
from service.execute import executor
from service.product.models import Project


@event.listens_for(Project, "after_insert")
def made(mapper: object, connection: Connection, project: Project) -> None:
    """One project more."""
    facts = ProjectFacts.model_validate(project)
    emit(executor(connection), project.team_id, ProjectCreated(project=facts))


@event.listens_for(Project, "after_update")
def changed(mapper: object, connection: Connection, project: Project) -> None:
    """One project changed, or was put aside."""
    put_aside = inspect(project).attrs.archived_at.history.has_changes() and project.archived_at
    kind = ProjectArchived if put_aside else ProjectUpdated
    facts = ProjectFacts.model_validate(project)
    emit(executor(connection), project.team_id, kind(project=facts))
