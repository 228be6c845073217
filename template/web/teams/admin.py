"""Teams in the admin: what staff change follows the rules of teams, and is in the audit log."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import TabularInline

from core.audit import AuditAction
from core.teams.roles import Role
from web.admin import RefusableAdmin
from web.outbox.admin import ReadOnlyAdmin
from web.teams.models import ApiKey, Invitation, Membership, Team
from web.teams.models.api_key import ApiKeyQuerySet
from web.teams.models.invitation import InvitationQuerySet


class MembersInline(TabularInline):
    """Who is in a team, or in which teams somebody is; each row leads to its own page."""

    model = Membership
    extra = 0
    fields = ("team", "user", "role", "created_at")
    readonly_fields = fields
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People join by invitation."""
        return False


@admin.register(Team)
class TeamAdmin(RefusableAdmin):
    """Teams, with their names and seats to change."""

    list_display = ("name", "is_personal", "people", "seat_limit", "created_at")
    list_filter = (("personal_user", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("name", "memberships__user__email", "memberships__user__name")
    ordering = ("-created_at",)
    fields = ("name", "seat_limit", "personal_user", "created_at")
    readonly_fields = ("personal_user", "created_at")
    inlines = (MembersInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Each with the number of its people."""
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.annotate(people=Count("memberships"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A team is made by its owner."""
        return False

    @admin.display(description="Personal", boolean=True)
    def is_personal(self, team: Team) -> bool:
        """Whether it belongs to one person."""
        return team.is_personal

    @admin.display(description="Members", ordering="people")
    def people(self, team: Team) -> int:
        """How many are in it."""
        return int(team.people)  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Team, form: ModelForm, change: bool) -> None:
        """Note what changed."""
        with obj.locked() as former:
            target = ("team", obj.pk)
            if obj.name != former.name:
                names = {"former": former.name, "new": obj.name}
                former.record_name(AuditAction.TEAM_RENAMED, **names)
            if obj.seat_limit != former.seat_limit:
                seats = {"former": former.seat_limit, "new": obj.seat_limit}
                former.record(AuditAction.SEAT_LIMIT_CHANGED, target, **seats)
            obj.save(update_fields=["name", "seat_limit"])

    def get_deleted_objects(
        self, objs: QuerySet[Team] | Iterable[Team], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Who may delete a team may delete what is in it; personal teams stay."""
        teams = list(objs)
        listed, counts, _, protected = super().get_deleted_objects(teams, request)
        protected += [f"{team}: a personal team" for team in teams if team.is_personal]
        return listed, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        """Delete it with all that is in it, and note that."""
        with obj.locked() as team:
            team.erase()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Team]) -> None:
        """Delete several, or none."""
        with transaction.atomic():
            for team in queryset.order_by("pk"):
                self.delete_model(request, team)


@admin.register(Membership)
class MembershipAdmin(RefusableAdmin):
    """Who is in which team; a team always keeps an owner."""

    list_display = ("user", "team", "role", "created_at")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name", "team__name")
    list_select_related = ("user", "team")
    fields = ("user", "team", "role", "created_at")
    readonly_fields = ("user", "team", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People join by invitation."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Membership, form: ModelForm, change: bool
    ) -> None:
        """Give them another role; raises 409 for the only owner."""
        with obj.locked() as member:
            member.set_role(Role(obj.role))

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """Put them out of the team; raises 409 for the only owner."""
        with obj.locked() as member:
            member.end(AuditAction.MEMBER_REMOVED)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """Put several out, or none."""
        with transaction.atomic():
            for member in queryset.select_related("team").order_by("team_id", "pk"):
                self.delete_model(request, member)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin, RefusableAdmin):
    """Who is invited; the links in the mails are nowhere to be seen."""

    list_display = (
        "email",
        "team",
        "role",
        "invited_by",
        "expires_at",
        "accepted_at",
        "revoked_at",
    )
    list_filter = (
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("email", "team__name", "invited_by__email")
    list_select_related = ("team", "invited_by")
    fields = (*list_display, "created_at")
    ordering = ("-created_at",)
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: InvitationQuerySet) -> None:
        """Let nobody accept the chosen ones that are still open."""
        for invitation in queryset.open().select_related("team").order_by("team_id", "pk"):
            with invitation.locked() as current:
                current.require_open()
                current.end()
        messages.success(request, "Nobody can accept them any more.")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin, RefusableAdmin):
    """The keys of teams, never their text."""

    list_display = (
        "name",
        "prefix",
        "team",
        "scopes",
        "created_by",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("name", "prefix", "team__name", "created_by__email")
    list_select_related = ("team", "created_by")
    fields = (*list_display, "created_at")
    ordering = ("-created_at",)
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: ApiKeyQuerySet) -> None:
        """Let the chosen keys that are alive open nothing any more, at once."""
        for key in queryset.alive().select_related("team").order_by("team_id", "pk"):
            with key.team.locked():
                key.end()
        messages.success(request, "They open nothing any more.")
