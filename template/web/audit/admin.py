"""The audit log in the admin: to read."""

from django.contrib import admin

from web.audit.models import Entry
from web.outbox.admin import ReadOnlyAdmin


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Who did what, newest first. People, teams and targets are named by id."""

    list_display = (
        "created_at",
        "action",
        "team_id",
        "actor_kind",
        "actor_id",
        "impersonator_id",
        "target_kind",
        "target_id",
        "ip_address",
    )
    list_filter = ("action", "actor_kind", "created_at")
    search_fields = ("=team_id", "=actor_id", "=impersonator_id", "=target_id", "=request_id")
    search_help_text = "The id of a team, a person, a key or a request."
    fields = (*list_display, "details", "request_id")
    show_full_result_count = False
