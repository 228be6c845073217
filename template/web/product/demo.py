"""Yours: demo data of your product. `manage.py demo` calls `add_demo_data` whenever it runs."""

from django.utils import timezone

from core.product.demo import PROJECTS
from core.teams.context import team_scope
from web.accounts.models import User
from web.product.models import Project
from web.teams.models import Team


def add_demo_data(team: Team, owner: User) -> None:
    """Give the demo team something to work on, unless it has something already."""
    with team_scope(team.pk):
        if Project.objects.exists():
            return
        for name, description, is_archived in PROJECTS:
            archived_at = timezone.now() if is_archived else None
            Project.objects.create(
                name=name, description=description, archived_at=archived_at, created_by=owner
            )
