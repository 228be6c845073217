"""The ledger as staff see it: found by what it is about, and handled once more on demand."""

import json
from typing import Any

from starlette.requests import Request
from starlette_admin.actions import ActionSelection, action, row_action
from starlette_admin.fields import DateTimeField, IntegerField, StringField, TextAreaField
from starlette_admin.flash import flash

from core.webhooks.tasks import HandleEvent
from service.admin.acting import ActingView
from service.queue import enqueue
from service.webhooks.models import Event

REPLAY = "replay"


class EventView(ActingView):
    """What other companies told. Staff have it handled again: that asks how things are now."""

    menu_label = "Webhook events"
    display_name = "Webhook event"
    fields = (
        IntegerField("id", label="Id"),
        StringField("source", label="From"),
        StringField("type", label="What"),
        StringField("event_id", label="Event"),
        StringField("object_id", label="About"),
        StringField("customer", label="Customer"),
        DateTimeField("created_at", label="Happened"),
        DateTimeField("received_at", label="Received"),
        DateTimeField("processed_at", label="Handled"),
        IntegerField("attempts", label="Attempts"),
        StringField("error", label="Error"),
        TextAreaField("payload", label="Body", getter=lambda request, event: body_of(event)),
    )
    exclude_fields_from_list = ("source", "payload", "created_at")
    searchable_fields = ("event_id", "type", "object_id", "customer", "error")
    sortable_fields = ("id", "type", "received_at", "processed_at", "attempts")
    fields_default_sort = (("id", True),)
    actions = (REPLAY,)
    row_actions = ("view", REPLAY)
    # It changes nothing that is right.
    for_staff = (REPLAY,)

    @action(
        name=REPLAY,
        text="Handle again",
        confirmation="Handle the chosen events once more?",
        submit_btn_text="Handle again",
        icon_class="fa fa-rotate-right",
    )
    async def replay_action(self, request: Request, selection: ActionSelection) -> None:
        """Ask for the work of the chosen events."""
        ids = sorted(map(int, await selection.pks()))
        for event_id in ids:
            await replay(request, event_id)
        flash(request, f"{len(ids)} will be handled again.", "success")

    @row_action(
        name=REPLAY,
        text="Handle again",
        confirmation="Handle this event once more?",
        submit_btn_text="Handle again",
        icon_class="fa fa-rotate-right",
    )
    async def replay_row_action(self, request: Request, pk: Any) -> None:
        """Ask for the work of this event."""
        await replay(request, int(pk))
        flash(request, "It will be handled again.", "success")


async def replay(request: Request, event_id: int) -> None:
    """Ask for the work of an event, in the request's transaction."""
    await enqueue(request.state.session, HandleEvent(event=event_id))


def body_of(event: Event) -> str:
    """The body of an event, to read."""
    return json.dumps(event.payload, ensure_ascii=False, indent=2)
