"""The outbox in the admin: look, and replay what failed."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.outbox import work
from core.tasks import SCHEDULE
from web.outbox.models import DeadLetter, Message, Schedule
from web.queue import CurrentTransaction


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only the software writes."""

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["admin.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes a row by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one either."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor deletes: a row is work that somebody was promised, or the clock of a schedule."""
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may change rows does what there is to do with them: `permissions=["act"]`."""
        allowed: bool = request.user.has_perm(
            f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}"
        )
        return allowed


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Work that waits or runs, and what was done under a key."""

    list_display = ("id", "task", "available_at", "published_at", "started_at", "done_at")
    list_filter = ("task",)
    search_fields = ("task", "key", "request_id")
    show_full_result_count = False


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """What failed for good."""

    list_display = ("id", "task", "error", "attempts", "failed_at", "replayed_at")
    list_filter = ("task", ("replayed_at", admin.EmptyFieldListFilter))
    search_fields = ("task", "key", "request_id", "error")
    actions = ("replay",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What failed for good may be put away."""
        return request.user.has_perm("outbox.delete_deadletter")

    @admin.action(description="Try again", permissions=["delete"])
    def replay(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        """Put the chosen letters back into the outbox, each at most once."""
        ids = queryset.values_list("pk", flat=True)
        replayed = sum(
            bool(CurrentTransaction().execute(work.REPLAY, {"id": letter})) for letter in ids
        )
        messages.success(request, f"{replayed} of {len(ids)} will be tried again.")


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    """Periodic work, and how its last run ended."""

    list_display = ("name", "when", "last_tick", "last_finished_at", "last_error")

    @admin.display(description="When (UTC)")
    def when(self, entry: Schedule) -> str:
        """The entry's cron expression, as the code has it."""
        return next((each.cron for each in SCHEDULE if each.name == entry.name), "no longer runs")
