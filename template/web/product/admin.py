"""Yours: what staff see of your product, in every team."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from web.product.models import Project


@admin.register(Project)
class ProjectAdmin(ModelAdmin):
    """Projects, to look at. Their teams change them."""

    list_display = ("name", "team", "created_by", "created_at", "archived_at")
    list_select_related = ("team", "created_by")
    list_filter = (("archived_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "team__name")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        """Staff see the rows of all teams; everything else sees those of one."""
        return Project.across_teams.all()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A project is made in a team."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """As `has_add_permission`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """As `has_add_permission`."""
        return False
