"""The background work: how it is doing, what waits, what failed for good, and the clock."""

import json
from typing import Any

from fastapi import FastAPI
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.actions import ActionSelection, action, row_action
from starlette_admin.exceptions import ActionFailed
from starlette_admin.fields import (
    DateTimeField,
    IntegerField,
    StringField,
    TextAreaField,
)
from starlette_admin.flash import flash
from starlette_admin.routing import route
from starlette_admin.views import CustomView

from core.outbox.work import REPLAY
from core.tasks import SCHEDULE
from service.admin.views import StaffView, is_superuser
from service.outbox.models import DeadLetter, Message, Schedule
from service.outbox.status import current_status, status_of_rows


class QueuePage(CustomView):
    """Queue depth, oldest row, dead letters and workers."""

    menu_label = "Queue"
    icon = "fa fa-gauge"
    path = "/queue"
    route_name = "queue"

    def __init__(self, app: FastAPI) -> None:
        super().__init__()
        # The admin is an application of its own; what the lifespan opened hangs at the main one.
        self.state = app.state

    @route("")
    async def index(self, request: Request) -> Response:
        """The state of the outbox now, also while the broker is away."""
        context: dict[str, Any] = {"title": self.title(request)}
        try:
            context["status"] = await current_status(self.state.pool)
        except RedisError:
            context["status"] = await status_of_rows(self.state.pool)
            context["broker_away"] = True
        if self.templates is None:
            raise RuntimeError("the page is not part of an admin")
        return self.templates.TemplateResponse(request, "queue.html", context)


def payload(request: Request, row: Message | DeadLetter) -> str:
    """The payload as it is stored."""
    return json.dumps(row.payload, ensure_ascii=False)


# What rows say of the work, wherever it has got to.
WORK = (
    TextAreaField("payload", label="Payload", getter=payload),
    StringField("key", label="Key"),
    StringField("request_id", label="Request"),
    IntegerField("team_id", label="Team"),
    IntegerField("attempts", label="Attempts"),
)


class ReadOnlyView(StaffView):
    """Rows that only the software writes."""

    def can_edit(self, request: Request) -> bool:
        """Nobody changes a row by hand."""
        return False

    def can_delete(self, request: Request) -> bool:
        """Work that was asked for is not lost by a click."""
        return False


class MessageView(ReadOnlyView):
    """Work that waits or runs, and what was done under a key."""

    menu_label = "Messages"
    display_name = "Message"
    fields = (
        IntegerField("id", label="Id"),
        StringField("task", label="Task"),
        *WORK,
        DateTimeField("created_at", label="Asked for"),
        DateTimeField("available_at", label="Not before"),
        DateTimeField("published_at", label="Published"),
        DateTimeField("started_at", label="Begun"),
        DateTimeField("done_at", label="Done"),
    )
    exclude_fields_from_list = ("payload", "key", "request_id", "team_id", "created_at")
    searchable_fields = ("task", "key", "request_id")
    sortable_fields = ("id", "task", "available_at", "attempts")
    fields_default_sort = (("id", True),)


class DeadLetterView(ReadOnlyView):
    """What failed for good. A superuser replays it, once what was wrong is mended."""

    menu_label = "Dead letters"
    display_name = "Dead letter"
    fields = (
        IntegerField("id", label="Id"),
        StringField("task", label="Task"),
        StringField("error", label="Error"),
        TextAreaField("traceback", label="Traceback"),
        *WORK,
        DateTimeField("failed_at", label="Failed"),
        DateTimeField("replayed_at", label="Replayed"),
    )
    exclude_fields_from_list = ("traceback", "payload", "key", "request_id", "team_id")
    searchable_fields = ("task", "key", "request_id", "error")
    sortable_fields = ("id", "task", "attempts", "failed_at", "replayed_at")
    fields_default_sort = (("failed_at", True),)
    actions = ("replay", "delete")
    row_actions = ("view", "replay", "delete")

    def can_delete(self, request: Request) -> bool:
        """What nobody wants any more may go."""
        return is_superuser(request)

    async def is_action_allowed(self, request: Request, name: str) -> bool:
        """Looking is for staff, replaying for superusers."""
        if name == "replay":
            return is_superuser(request)
        return await super().is_action_allowed(request, name)

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        """As `is_action_allowed`."""
        if name == "replay":
            return is_superuser(request)
        return await super().is_row_action_allowed(request, name)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """A letter is replayed once."""
        if name == "replay" and obj.replayed_at is not None:
            return False
        return await self.is_row_action_allowed(request, name)

    @action(
        name="replay",
        text="Try again",
        confirmation="Put the chosen work back into the queue?",
        submit_btn_text="Try again",
        icon_class="fa fa-rotate-right",
    )
    async def replay_action(self, request: Request, selection: ActionSelection) -> None:
        """Put the chosen letters back into the outbox, each at most once."""
        ids = sorted(map(int, await selection.pks()))
        async with request.state.session.begin_nested():
            replayed = [await replay(request, letter) for letter in ids]
        flash(request, f"{sum(replayed)} of {len(ids)} will be tried again.", "success")

    @row_action(
        name="replay",
        text="Try again",
        confirmation="Put this work back into the queue?",
        submit_btn_text="Try again",
        icon_class="fa fa-rotate-right",
    )
    async def replay_row_action(self, request: Request, pk: Any) -> None:
        """Put this letter back into the outbox, at most once."""
        if not await replay(request, pk):
            raise ActionFailed("It was replayed before, or the same was asked for again.")
        flash(request, "It will be tried again.", "success")


class ScheduleView(ReadOnlyView):
    """Periodic work, and how its last run ended."""

    menu_label = "Schedule"
    display_name = "Periodic task"
    fields = (
        StringField("name", label="Name"),
        StringField("when", label="When (UTC)", getter=lambda request, entry: when(entry)),
        DateTimeField("last_tick", label="Last tick"),
        DateTimeField("last_finished_at", label="Last finished"),
        StringField("last_error", label="Last error"),
    )
    searchable_fields = ("name", "last_error")
    sortable_fields = ("name", "last_tick", "last_finished_at")


async def replay(request: Request, letter_id: Any) -> bool:
    """Put a letter back in the request's transaction; whether it was there to be put back."""
    connection = await request.state.session.connection()
    result = await connection.exec_driver_sql(REPLAY, {"id": int(letter_id)})
    return result.first() is not None


def when(entry: Schedule) -> str:
    """The entry's cron expression, as the code has it."""
    return next((each.cron for each in SCHEDULE if each.name == entry.name), "no longer runs")
