"""Yours: the operations that your product adds to the API.

Each function serves the row of its name in `core/product/operations.py`: see
`service/api/routes.py`.
"""

from typing import Annotated

from fastapi import Query

from core.api.pages import page_of
from core.api.schemas import Id, Page
from core.product.schemas import NewProject, Project, ProjectChange, ProjectQuery
from core.product.tasks import ExportProjects, export_key
from service.accounts.models import now
from service.api.lists import fetch
from service.api.routes import IfMatch, Routes, check_version
from service.db import CurrentSession
from service.product import models, queries
from service.queue import enqueue
from service.teams.dependencies import CurrentMembership, CurrentTeam

router = Routes()


@router.operation
async def list_projects(
    query: Annotated[ProjectQuery, Query()], session: CurrentSession
) -> Page[Project]:
    """Those that hold the text."""
    found = queries.listed(query.search, archived=query.archived)
    rows = await fetch(session, found, query, models.Project.id)
    return page_of(rows, query.limit, models.Project.shown, lambda project: project.id)


@router.operation
async def create_project(body: NewProject, team: CurrentTeam, session: CurrentSession) -> Project:
    """It belongs to the team, and not to who made it."""
    maker = team.caller.id if team.role else None
    project = models.Project(**body.model_dump(), created_by_id=maker)
    session.add(project)
    await session.flush()
    await session.refresh(project, ["created_by"])
    return project.shown()


@router.operation
async def export_projects(team: CurrentMembership, session: CurrentSession) -> None:
    """The mail goes out when this commits."""
    user_id = team.caller.id
    key = export_key(team.id, user_id, now())
    await enqueue(session, ExportProjects(user_id=user_id), key=key, team_id=team.id)


@router.operation
async def get_project(project_id: Id, session: CurrentSession) -> Project:
    """As it is now."""
    return (await queries.one_project(session, project_id)).shown()


@router.operation
async def update_project(
    project_id: Id, body: ProjectChange, version: IfMatch, session: CurrentSession
) -> Project:
    """Changed, unless somebody else was faster."""
    project = await queries.lock_project(session, project_id)
    check_version(version, project.shown())
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(project, name, value)
    await session.flush()
    return project.shown()


@router.operation
async def archive_project(project_id: Id, session: CurrentSession) -> Project:
    """Put aside."""
    project = await queries.lock_project(session, project_id)
    project.archive()
    await session.flush()
    return project.shown()


@router.operation
async def restore_project(project_id: Id, session: CurrentSession) -> Project:
    """Brought back."""
    project = await queries.lock_project(session, project_id)
    project.restore()
    await session.flush()
    return project.shown()
