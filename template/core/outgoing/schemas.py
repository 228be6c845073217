"""What goes in and out of the operations of outgoing webhooks. Pages check by the same classes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from core.api.schemas import VISIBLE, Answer, Body, Id, PageQuery

EXAMPLE_TIME = "2026-01-31T12:00:00+00:00"
EXAMPLE_PAYLOAD: dict[str, JsonValue] = {
    "type": "project.created",
    "timestamp": EXAMPLE_TIME,
    "data": {"id": 42, "name": "Website"},
}

Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=VISIBLE),
    Field(
        examples=["https://example.com/webhooks"],
        description="Where to send events. It must be reachable from the internet, by HTTPS.",
    ),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=VISIBLE),
    Field(examples=["Orders to our warehouse"], description="What it is for; may be empty."),
]
TypeName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=VISIBLE),
    Field(examples=["project.created"]),
]
EventTypes = Annotated[
    list[TypeName],
    Field(
        max_length=100,
        examples=[["project.created", "project.updated"]],
        description="Which events to send, see `list_event_types`; empty for all.",
    ),
]


class DeliveryStatus(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class EventType(Answer):
    """Something that is told when it happens."""

    name: str = Field(examples=["project.created"])
    description: str = Field(examples=["A project was made."])
    data_schema: dict[str, JsonValue] = Field(
        description="The JSON schema of `data` in the body that is sent.",
        examples=[{"type": "object", "properties": {"id": {"type": "integer"}}}],
    )
    example: dict[str, JsonValue] = Field(
        description="A body as it is sent.", examples=[EXAMPLE_PAYLOAD]
    )


class EventTypeList(Answer):
    """All that can be told."""

    items: list[EventType]


class Webhook(Answer):
    """An address to which events of the team are sent."""

    id: Id
    url: str = Field(examples=["https://example.com/webhooks"])
    description: str = Field(examples=["Orders to our warehouse"])
    event_types: list[str] = Field(
        description="Which events are sent; empty for all.", examples=[["project.created"]]
    )
    disabled_at: datetime | None = Field(description="Null while events are sent.")
    disabled_reason: str = Field(
        description="Why nothing is sent; empty while events are sent.", examples=[""]
    )
    failing_since: datetime | None = Field(
        description="Since when no delivery has succeeded; null when the last one did."
    )
    former_secret_until: datetime | None = Field(
        description="Until when the former secret signs too; null when there was none."
    )
    created_at: datetime
    updated_at: datetime


class MadeWebhook(Webhook):
    """A webhook with a new secret. The secret is shown only now."""

    secret: str = Field(
        description="Check the signatures with it, by any library for Standard Webhooks.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
        repr=False,
    )


class NewWebhook(Body):
    """A webhook to make."""

    url: Url
    description: Description = ""
    event_types: EventTypes = Field(default_factory=list)


class WebhookChange(Body):
    """What to change about a webhook; what is absent or null stays as it is."""

    url: Url | None = None
    description: Description | None = None
    event_types: EventTypes | None = None


class WantedTest(Body):
    """What to send as a test."""

    event_type: TypeName = Field(
        default="webhook.test",
        examples=["project.created"],
        description="Its example is sent, marked as a test, whatever the webhook chose.",
    )


class Delivery(Answer):
    """One event for one webhook."""

    id: Id
    webhook_id: Id
    event_id: str = Field(
        description="The same in every attempt, as `webhook-id`.",
        examples=["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"],
    )
    event_type: str = Field(examples=["project.created"])
    status: DeliveryStatus
    attempt_count: int = Field(ge=0, examples=[1])
    response_status: int | None = Field(
        description="What the last attempt was answered; null if it was not.", examples=[200]
    )
    error: str = Field(
        description="Why the last attempt failed; empty if it did not.", examples=[""]
    )
    created_at: datetime
    next_attempt_at: datetime | None = Field(description="Null when there will be none.")
    ended_at: datetime | None = Field(description="Null while it is pending.")


class Attempt(Answer):
    """One request, and what was answered."""

    started_at: datetime
    duration_ms: int = Field(ge=0, examples=[120])
    request_headers: dict[str, str] = Field(
        examples=[{"webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"}]
    )
    response_status: int | None = Field(
        description="Null when there was no answer.", examples=[200]
    )
    response_headers: dict[str, str] = Field(examples=[{"content-type": "text/plain"}])
    response_body: str = Field(description="Its first 4 KB.", examples=["ok"])
    error: str = Field(description="Why it failed; empty if it did not.", examples=[""])


class DeliveryDetails(Delivery):
    """A delivery with all that was sent and answered."""

    payload: dict[str, JsonValue] = Field(
        description="The body that was sent.", examples=[EXAMPLE_PAYLOAD]
    )
    attempts: list[Attempt] = Field(description="The newest comes first.")


class DeliveryQuery(PageQuery):
    """Which deliveries to list."""

    webhook_id: Id | None = Field(default=None, description="Those of this webhook alone.")
    status: DeliveryStatus | None = Field(default=None, description="Those that are so far alone.")
    event_type: TypeName | None = Field(default=None, description="Those of such events alone.")
