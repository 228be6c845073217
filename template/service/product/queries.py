"""Yours: every question that your product asks the database.

No question names the team: each is asked in the scope of one. See `service/teams/scope.py`.
"""

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.problems import not_found
from service.product.models import Project


def listed(search: str = "", *, archived: bool = False) -> Select[Project]:
    """The projects to choose from, or the archived ones instead, that hold the text."""
    is_archived = Project.archived_at.is_not(None)
    wanted = select(Project).where(is_archived if archived else ~is_archived)
    if not search:
        return wanted
    texts = (Project.name, Project.description)
    return wanted.where(or_(*(text.icontains(search, autoescape=True) for text in texts)))


async def one_project(session: AsyncSession, project_id: int) -> Project:
    """The project with this id; raises 404 when there is none, or it is another team's."""
    return found(await session.scalar(select(Project).where(Project.id == project_id)))


async def lock_project(session: AsyncSession, project_id: int) -> Project:
    """The same, changed by nobody else until the commit."""
    return found(
        await session.scalar(
            select(Project)
            .where(Project.id == project_id)
            .with_for_update(of=Project)
            .execution_options(populate_existing=True)
        )
    )


def found(project: Project | None) -> Project:
    """The project; raises 404 when there is none."""
    if project is None:
        raise not_found("project")
    return project
