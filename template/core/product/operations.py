"""Yours: the operations that your product adds to `/api/v1`; `core/api/operations.py` explains."""

from core.api.operations import TEAM, Operation, table
from core.product.permissions import EDIT_PROJECTS, EXPORT_PROJECTS, VIEW_PROJECTS

# What the groups are about.
PRODUCT_TAGS = {"projects": "What a team works on."}

PROJECTS = f"{TEAM}/projects"
PROJECT = f"{PROJECTS}/{{project_id}}"

# fmt: off
PRODUCT_OPERATIONS = table(
    Operation("list_projects", "GET", PROJECTS, "projects", "The projects of a team",
              VIEW_PROJECTS, details="Those that are archived are a list of their own."),
    Operation("create_project", "POST", PROJECTS, "projects", "Make a project", EDIT_PROJECTS,
              success=201, etag=True),
    Operation("export_projects", "POST", f"{PROJECTS}/export", "projects", "Export all projects",
              EXPORT_PROJECTS, success=202, details="Mails a CSV file to the caller."),
    Operation("get_project", "GET", PROJECT, "projects", "One project", VIEW_PROJECTS, etag=True),
    Operation("update_project", "PATCH", PROJECT, "projects", "Change a project", EDIT_PROJECTS,
              etag=True),
    Operation("archive_project", "POST", f"{PROJECT}/archive", "projects", "Put a project aside",
              EDIT_PROJECTS, details="Once more changes nothing."),
    Operation("restore_project", "POST", f"{PROJECT}/restore", "projects", "Bring a project back",
              EDIT_PROJECTS, details="Once more changes nothing."),
)
# fmt: on
