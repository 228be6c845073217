"""Yours: the tables of your product. A project is the example to copy."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.problems import not_found
from core.product import schemas
from web.accounts.models import User
from web.teams.scope import TeamOwned, TeamOwnedManager


class ProjectManager(TeamOwnedManager["Project"]):
    """The questions that are asked about the projects of a team."""

    def listed(self, search: str = "", *, archived: bool = False) -> models.QuerySet[Project]:
        """Those to choose from, or the archived ones instead, that hold the text."""
        holds = Q(name__icontains=search) | Q(description__icontains=search)
        return (
            self.filter(holds if search else Q(), archived_at__isnull=not archived)
            .select_related("created_by")
            .order_by("pk")
        )

    def one(self, project_id: int) -> Project:
        """The one with this id; raises 404 when there is none, or it is another team's."""
        return self._found(self.filter(pk=project_id))

    def lock(self, project_id: int) -> Project:
        """The same, changed by nobody else until the transaction ends."""
        return self._found(self.filter(pk=project_id).select_for_update(of=("self",)))

    def _found(self, rows: models.QuerySet[Project]) -> Project:
        project = rows.select_related("created_by").first()
        if project is None:
            raise not_found("project")
        return project


class Project(TeamOwned):
    """Something that a team works on."""

    name = models.CharField(max_length=100)
    description = models.TextField(max_length=2000, blank=True)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    # Before it is saved; for what is told of it.
    was_archived = False

    objects: ClassVar[ProjectManager] = ProjectManager()

    class Meta:
        indexes = (models.Index(fields=["team", "id"], name="product_project_list"),)

    def __str__(self) -> str:
        return self.name

    def archive(self) -> None:
        """Put it aside; once more changes nothing."""
        if self.archived_at is None:
            self.archived_at = timezone.now()
            self.save()

    def restore(self) -> None:
        """Bring it back; once more changes nothing."""
        if self.archived_at is not None:
            self.archived_at = None
            self.save()

    def shown(self) -> schemas.Project:
        """What the API and the export tell of it."""
        return schemas.Project(
            id=self.pk,
            name=self.name,
            description=self.description,
            created_by=str(self.created_by) if self.created_by else None,
            archived_at=self.archived_at,
            created_at=self.created_at,
            updated_at=self.updated_at,
        )
