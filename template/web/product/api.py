"""Yours: the operations that your product adds to the API.

Each function serves the row of its name in `core/product/operations.py`; see `web/api/routes.py`.
"""

from ninja import Query

from core.api.schemas import Id, Page
from core.product.schemas import NewProject, Project, ProjectChange, ProjectQuery
from web.api.caller import TeamRequest
from web.api.lists import page
from web.api.routes import Routes, check_version
from web.product import models
from web.product.tasks import ask_for_export

router = Routes()


@router.operation
def list_projects(request: TeamRequest, query: Query[ProjectQuery]) -> Page[Project]:
    """Those that hold the text."""
    found = models.Project.objects.listed(query.search, archived=query.archived)
    return page(found, query, models.Project.shown)


@router.operation
def create_project(request: TeamRequest, body: NewProject) -> Project:
    """It belongs to the team, and not to who made it."""
    maker = request.auth.user
    return models.Project.objects.create(**body.model_dump(), created_by=maker).shown()


@router.operation
def export_projects(request: TeamRequest) -> None:
    """The mail goes out when this commits."""
    ask_for_export(request.auth.person.pk)


@router.operation
def get_project(request: TeamRequest, project_id: Id) -> Project:
    """As it is now."""
    return models.Project.objects.one(project_id).shown()


@router.operation
def update_project(request: TeamRequest, project_id: Id, body: ProjectChange) -> Project:
    """Changed, unless somebody else was faster."""
    project = models.Project.objects.lock(project_id)
    check_version(request, project.shown())
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(project, name, value)
    project.save()
    return project.shown()


@router.operation
def archive_project(request: TeamRequest, project_id: Id) -> Project:
    """Put aside."""
    project = models.Project.objects.lock(project_id)
    project.archive()
    return project.shown()


@router.operation
def restore_project(request: TeamRequest, project_id: Id) -> Project:
    """Brought back."""
    project = models.Project.objects.lock(project_id)
    project.restore()
    return project.shown()
