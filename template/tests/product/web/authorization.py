"""Yours: who may open the pages of your product, and call its operations.

The tests in `tests/web/authorization` try every route of the project with every kind of visitor. A
new route fails them until it stands here; its name is the `name` in `urls.py`, or the id of the
operation. `tests/web/authorization/declare.py` has the words.
"""

from core.teams.context import team_scope
from tests.web.authorization.declare import (
    EVERYBODY,
    MEMBERS,
    PEOPLE,
    READERS,
    WRITERS,
    Call,
    Page,
)
from web.accounts.models import User
from web.product.models import Project
from web.teams.models import Team

# Where the address names no team, everybody sees their own: `PEOPLE`. The project in an address is
# one of the team at home.
PRODUCT_PAGES: dict[str, Page] = {
    "landing": Page(EVERYBODY),
    "dashboard": Page(PEOPLE),
    "projects": Page(PEOPLE),
    "new_project": Page(PEOPLE),
    "export_projects": Page(PEOPLE, "POST", status=302),
    "edit_project": Page(MEMBERS, refused=404),
    "archive_project": Page(MEMBERS, "POST", status=302, refused=404),
    "restore_project": Page(MEMBERS, "POST", status=302, refused=404),
}

PRODUCT_CALLS: dict[str, Call] = {
    "list_projects": Call(READERS),
    "create_project": Call(WRITERS, {"name": "New"}),
    "export_projects": Call(MEMBERS),
    "get_project": Call(READERS),
    "update_project": Call(WRITERS, {"name": "New"}),
    "archive_project": Call(WRITERS),
    "restore_project": Call(WRITERS),
}


def furnish(team: Team, owner: User, word: str) -> dict[str, int]:
    """Make one of everything in the team, with `word` in it; answers the ids by their names.

    Tests look for the word where it must not be. The names are those in addresses: `project_id`.
    """
    with team_scope(team.pk):
        project = Project.objects.create(name=f"{word} project", created_by=owner)
    return {"project_id": project.pk}
