"""Outgoing webhooks in the admin: look, send again, switch off. Secrets are nowhere to be seen."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import StackedInline

from core.outgoing import desk
from web.admin import RefusableAdmin
from web.outbox.admin import ReadOnlyAdmin
from web.outgoing.models import Attempt, Delivery, Endpoint
from web.queue import CurrentTransaction

BY_STAFF = "Switched off by our support."


def pretty(value: object) -> str:
    """Something of JSON, to read."""
    return format_html("<pre>{}</pre>", json.dumps(value, ensure_ascii=False, indent=2))


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin, RefusableAdmin):
    """Where teams are told of what happens."""

    list_display = ("url", "team", "told_of", "failing_since", "disabled_at", "created_at")
    list_filter = (
        ("disabled_at", admin.EmptyFieldListFilter),
        ("failing_since", admin.EmptyFieldListFilter),
        "created_at",
    )
    list_select_related = ("team",)
    search_fields = ("url", "team__name", "description")
    # Named one by one, so that no secret is ever among them.
    fields = (
        "url",
        "team",
        "description",
        "told_of",
        "failing_since",
        "quiet_until",
        "disabled_at",
        "disabled_reason",
        "former_until",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("told_of",)
    actions = ("switch_off",)

    @admin.display(description="Events")
    def told_of(self, endpoint: Endpoint) -> str:
        """The types that it is told of."""
        return ", ".join(endpoint.event_types) or "all"

    @admin.action(description="Switch off", permissions=["act"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        """Send nothing more to the chosen ones; their teams can switch them on again."""
        chosen = queryset.order_by("team_id", "pk").values_list("team_id", "pk")
        for team_id, endpoint_id in chosen:
            desk.disable_webhook(CurrentTransaction().execute, team_id, endpoint_id, BY_STAFF)
        messages.success(request, "They are told nothing any more.")


class AttemptsInline(StackedInline):
    """What was tried, and what came of it."""

    model = Attempt
    extra = 0
    fields = (
        "started_at",
        "duration_ms",
        "response_status",
        "error",
        "sent",
        "answered",
        "response_body",
    )
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the worker tries."""
        return False

    @admin.display(description="Headers that were sent")
    def sent(self, attempt: Attempt) -> str:
        """The headers of the request; of a signature nobody learns the secret."""
        return pretty(attempt.request_headers)

    @admin.display(description="Headers of the answer")
    def answered(self, attempt: Attempt) -> str:
        """The headers that came back."""
        return pretty(attempt.response_headers)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin, RefusableAdmin):
    """What endpoints were told, newest first."""

    list_display = ("type", "endpoint", "team", "status", "attempts", "created_at", "ended_at")
    list_filter = ("status", "event__type", "created_at")
    list_select_related = ("endpoint", "event", "team")
    search_fields = ("=event__public_id", "endpoint__url", "team__name")
    search_help_text = "A message, an address or a team."
    show_full_result_count = False
    fields = (
        "type",
        "message",
        "endpoint",
        "team",
        "status",
        "attempts",
        "created_at",
        "next_attempt_at",
        "ended_at",
        "body",
    )
    readonly_fields = ("type", "message", "body")
    inlines = (AttemptsInline,)
    actions = ("redeliver",)

    @admin.display(description="Event", ordering="event__type")
    def type(self, delivery: Delivery) -> str:
        """What happened."""
        return delivery.event.type

    @admin.display(description="Message")
    def message(self, delivery: Delivery) -> str:
        """The name of the event that receivers see."""
        return delivery.event.public_id

    @admin.display(description="What is sent")
    def body(self, delivery: Delivery) -> str:
        """The body of the requests."""
        return pretty(delivery.event.payload)

    @admin.action(description="Send again", permissions=["act"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send the chosen ones again, or none if an endpoint among them is switched off."""
        chosen = list(queryset.order_by("pk").values_list("team_id", "pk"))
        for team_id, delivery_id in chosen:
            desk.redeliver(CurrentTransaction().execute, team_id, delivery_id)
        messages.success(request, f"{len(chosen)} will be sent again.")
