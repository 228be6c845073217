"""The ledger of events in the admin: look, search, and have an event handled once more."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from core.webhooks.work import ask_again
from web.outbox.admin import ReadOnlyAdmin
from web.queue import CurrentTransaction
from web.webhooks.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What was told to us, newest first; what is not processed yet has failed or is on its way."""

    list_display = (
        "type",
        "event_id",
        "object_id",
        "customer",
        "received_at",
        "processed_at",
        "attempts",
        "error",
    )
    list_filter = (
        "source",
        ("processed_at", admin.EmptyFieldListFilter),
        "type",
        "received_at",
    )
    search_fields = ("=event_id", "=object_id", "=customer", "=type")
    search_help_text = "The name of an event, an object or a customer at the source, or a type."
    fields = (*list_display, "source", "created_at", "body")
    readonly_fields = ("body",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("replay",)

    @admin.display(description="What it says")
    def body(self, event: Event) -> str:
        """The payload, for people."""
        return format_html("<pre>{}</pre>", json.dumps(event.payload, indent=2))

    @admin.action(description="Handle again", permissions=["act"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        """Have the chosen events handled once more; what they are about is fetched again."""
        ids = list(queryset.order_by("pk").values_list("pk", flat=True))
        for event_id in ids:
            ask_again(CurrentTransaction().execute, event_id)
        messages.success(request, f"{len(ids)} will be handled again.")
