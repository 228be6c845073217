"""Outgoing webhooks as staff see them: look, send again, switch off. Secrets are in no view."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_
from starlette.requests import Request
from starlette_admin.actions import ActionSelection, action, row_action
from starlette_admin.fields import (
    DateTimeField,
    HasOne,
    IntegerField,
    StringField,
    TextAreaField,
)
from starlette_admin.flash import flash

from core.outgoing import desk
from service.admin.acting import ActingView
from service.admin.queue import ReadOnlyView
from service.admin.teams import as_staff
from service.execute import in_session
from service.outgoing.models import Delivery, Endpoint, Event
from service.teams.models import Team

BY_STAFF = "Switched off by our support."
SWITCH_OFF = "switch-off"
REDELIVER = "redeliver"


class EndpointView(ActingView):
    """Where teams are told of what happens. Staff switch one off; its team switches it on again."""

    menu_label = "Webhook endpoints"
    display_name = "Webhook endpoint"
    # Named one by one, so that no secret is ever among them.
    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        StringField("url", label="Address"),
        StringField("description", label="For"),
        StringField("event_types", label="Events", getter=lambda request, row: types_of(row)),
        DateTimeField("failing_since", label="Fails since"),
        DateTimeField("quiet_until", label="Left alone until"),
        DateTimeField("disabled_at", label="Switched off"),
        StringField("disabled_reason", label="Why"),
        DateTimeField("former_until", label="Former secret until"),
        DateTimeField("created_at", label="Made"),
        DateTimeField("updated_at", label="Changed"),
    )
    exclude_fields_from_list = ("description", "quiet_until", "former_until", "updated_at")
    searchable_fields = ("url", "description", "disabled_reason")
    sortable_fields = ("id", "url", "failing_since", "disabled_at", "created_at")
    fields_default_sort = (("id", True),)
    actions = (SWITCH_OFF,)
    row_actions = ("view", SWITCH_OFF)
    for_staff = (SWITCH_OFF,)

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """In the row, or in the name of the team."""
        own: ColumnElement[bool] = super().get_search_query(request, term)
        return or_(own, Endpoint.team.has(Team.name.icontains(term, autoescape=True)))

    @action(
        name=SWITCH_OFF,
        text="Switch off",
        confirmation="Send nothing more to the chosen addresses?",
        submit_btn_text="Switch off",
        icon_class="fa fa-power-off",
    )
    async def switch_off_action(self, request: Request, selection: ActionSelection) -> None:
        """Send nothing more to the chosen ones."""
        await self.switch_off(request, await selection.pks())
        flash(request, "They are told nothing any more.", "success")

    @row_action(
        name=SWITCH_OFF,
        text="Switch off",
        confirmation="Send nothing more to this address?",
        submit_btn_text="Switch off",
        icon_class="fa fa-power-off",
    )
    async def switch_off_row_action(self, request: Request, pk: Any) -> None:
        """Send nothing more to this one."""
        await self.switch_off(request, [pk])
        flash(request, "It is told nothing any more.", "success")

    async def switch_off(self, request: Request, pks: list[Any]) -> None:
        """Switch them off in the order in which teams are locked."""
        async with as_staff(request) as session:
            for team_id, endpoint_id in await team_and_id(self, request, pks):
                await in_session(session, desk.disable_webhook, team_id, endpoint_id, BY_STAFF)


class EventView(ReadOnlyView):
    """What happened in teams that somebody wants to be told of."""

    menu_label = "Outgoing events"
    display_name = "Outgoing event"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        StringField("type", label="What"),
        StringField("public_id", label="Message"),
        TextAreaField("payload", label="Body", getter=lambda request, row: pretty(row.payload)),
        DateTimeField("created_at", label="Happened"),
    )
    exclude_fields_from_list = ("payload",)
    searchable_fields = ("type", "public_id")
    sortable_fields = ("id", "type", "created_at")
    fields_default_sort = (("id", True),)


class DeliveryView(ActingView):
    """What endpoints were told. Staff have it sent again."""

    menu_label = "Webhook deliveries"
    display_name = "Webhook delivery"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        HasOne("endpoint", label="To", key="webhook-endpoint"),
        HasOne("event", label="What", key="outgoing-event"),
        StringField("status", label="Status"),
        IntegerField("attempts", label="Attempts"),
        DateTimeField("created_at", label="Made"),
        DateTimeField("next_attempt_at", label="Next attempt"),
        DateTimeField("ended_at", label="Ended"),
    )
    searchable_fields = ("status",)
    sortable_fields = ("id", "status", "attempts", "created_at", "next_attempt_at", "ended_at")
    fields_default_sort = (("id", True),)
    actions = (REDELIVER,)
    row_actions = ("view", REDELIVER)
    for_staff = (REDELIVER,)

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """In the row, or in what names the event, the address or the team."""
        own: ColumnElement[bool] = super().get_search_query(request, term)
        names = (Event.type, Event.public_id)
        return or_(
            own,
            Delivery.event.has(or_(*(name.icontains(term, autoescape=True) for name in names))),
            Delivery.endpoint.has(Endpoint.url.icontains(term, autoescape=True)),
            Delivery.team.has(Team.name.icontains(term, autoescape=True)),
        )

    @action(
        name=REDELIVER,
        text="Send again",
        confirmation="Send the chosen ones again?",
        submit_btn_text="Send again",
        icon_class="fa fa-rotate-right",
    )
    async def redeliver_action(self, request: Request, selection: ActionSelection) -> None:
        """Send the chosen ones again, or none if an endpoint among them is switched off."""
        pks = await selection.pks()
        await self.redeliver(request, pks)
        flash(request, f"{len(pks)} will be sent again.", "success")

    @row_action(
        name=REDELIVER,
        text="Send again",
        confirmation="Send it again?",
        submit_btn_text="Send again",
        icon_class="fa fa-rotate-right",
    )
    async def redeliver_row_action(self, request: Request, pk: Any) -> None:
        """Send this one again."""
        await self.redeliver(request, [pk])
        flash(request, "It will be sent again.", "success")

    async def redeliver(self, request: Request, pks: list[Any]) -> None:
        """Ask for the work of the deliveries."""
        async with as_staff(request) as session:
            for team_id, delivery_id in await team_and_id(self, request, pks):
                await in_session(session, desk.redeliver, team_id, delivery_id)


class AttemptView(ReadOnlyView):
    """What was tried, and what came of it."""

    menu_label = "Webhook attempts"
    display_name = "Webhook attempt"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("delivery", label="Delivery", key="webhook-delivery"),
        DateTimeField("started_at", label="Begun"),
        IntegerField("duration_ms", label="Milliseconds"),
        IntegerField("response_status", label="Answered"),
        StringField("error", label="Error"),
        TextAreaField(
            "request_headers",
            label="Headers that were sent",
            getter=lambda request, row: pretty(row.request_headers),
        ),
        TextAreaField(
            "response_headers",
            label="Headers of the answer",
            getter=lambda request, row: pretty(row.response_headers),
        ),
        TextAreaField("response_body", label="Answer"),
    )
    exclude_fields_from_list = ("request_headers", "response_headers", "response_body")
    searchable_fields = ("error",)
    sortable_fields = ("id", "started_at", "duration_ms", "response_status")
    fields_default_sort = (("id", True),)


async def team_and_id(
    view: EndpointView | DeliveryView, request: Request, pks: list[Any]
) -> list[tuple[int, int]]:
    """The team and the id of each row, in the order in which everybody locks teams."""
    rows: Sequence[Endpoint | Delivery] = await view.find_by_pks(request, pks)
    return sorted((row.team_id, row.id) for row in rows)


def types_of(endpoint: Endpoint) -> str:
    """The types that an endpoint is told of."""
    return ", ".join(endpoint.event_types) or "all"


def pretty(value: object) -> str:
    """Something of JSON, to read."""
    return json.dumps(value, ensure_ascii=False, indent=2)
