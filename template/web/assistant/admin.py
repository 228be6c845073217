"""The assistant as staff see it: who uses it how much, and nothing of what is said."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from web.assistant.models import Conversation, Usage
from web.outbox.admin import ReadOnlyAdmin


class AcrossTeams(ReadOnlyAdmin):
    """Rows of all teams."""

    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Staff are in no team."""
        rows: QuerySet[Any] = self.model.across_teams.order_by("-pk")
        return rows


@admin.register(Conversation)
class ConversationAdmin(AcrossTeams):
    """How long conversations are. A title is what somebody asked, so it is not shown."""

    fields = ("id", "team", "user", "messages", "tokens", "created_at", "updated_at")
    list_display = fields
    list_select_related = ("team", "user")
    list_filter = ("created_at",)
    search_fields = ("team__name", "user__email")
    search_help_text = "A team, or a person's address."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With how much was said."""
        asked = Coalesce(Sum("messages__prompt_tokens"), 0)
        answered = Coalesce(Sum("messages__completion_tokens"), 0)
        rows = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(count=Count("messages"), tokens=asked + answered)
        return counted

    @admin.display(description="Messages")
    def messages(self, row: Any) -> int:
        """How many there are."""
        return int(row.count)

    @admin.display(description="Tokens")
    def tokens(self, row: Any) -> int:
        """What they took."""
        return int(row.tokens)


@admin.register(Usage)
class UsageAdmin(AcrossTeams):
    """What teams have used; it stays when conversations are deleted."""

    list_display = ("team", "tokens", "message_id", "created_at")
    list_select_related = ("team",)
    list_filter = ("created_at",)
    search_fields = ("team__name",)
