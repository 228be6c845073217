"""The `webhooks` of the OpenAPI document: what is sent to the addresses that teams name."""

from typing import Any

from core.outgoing.catalogue import Event
from core.outgoing.events import EVENTS
from core.outgoing.schemas import EXAMPLE_TIME

Json = dict[str, Any]

REFERENCE = "#/components/schemas/{model}"
HOW = (
    "It is signed as Standard Webhooks says. Answer with 2xx soon; else it is sent again for a"
    " day, under the same `webhook-id`."
)
HEADERS = {
    "webhook-id": ("The same in every attempt.", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"),
    "webhook-timestamp": ("When it was signed, in seconds since 1970.", "1769860800"),
    "webhook-signature": (
        "`v1,` and the signature; several are separated by spaces, and one has to be right.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}
TIMESTAMP = {
    "type": "string",
    "format": "date-time",
    "title": "Timestamp",
    "description": "When it happened.",
}
TEST = {
    "type": "boolean",
    "const": True,
    "title": "Test",
    "description": "Only in what somebody sent to try the address out: nothing happened.",
}


def describe_events() -> tuple[Json, Json]:
    """The webhooks, and the schemas that they refer to."""
    webhooks: Json = {}
    schemas: Json = {}
    for event in EVENTS.values():
        schema = event.model_json_schema(ref_template=REFERENCE)
        schemas |= schema.pop("$defs", {})
        # A receiver leaves alone what it does not know.
        schema.pop("additionalProperties", None)
        name = f"{event.__name__}Data"
        schemas[name] = schema | {"title": name}
        schemas[event.__name__] = envelope(event)
        webhooks[event.type] = {"post": operation(event)}
    return webhooks, schemas


def envelope(event: type[Event]) -> Json:
    """The schema of the body."""
    kind = {"type": "string", "const": event.type, "title": "Type", "description": "What it is."}
    data = {"$ref": REFERENCE.format(model=f"{event.__name__}Data")}
    return {
        "type": "object",
        "title": event.__name__,
        "description": event.description,
        "properties": {"type": kind, "timestamp": TIMESTAMP, "data": data, "test": TEST},
        "required": ["type", "timestamp", "data"],
        "examples": [{"type": event.type, "timestamp": EXAMPLE_TIME, "data": event.example()}],
    }


def operation(event: type[Event]) -> Json:
    """The request that the receiver gets."""
    reference = {"$ref": REFERENCE.format(model=event.__name__)}
    return {
        "operationId": f"on_{event.type.replace('.', '_').replace('-', '_')}",
        "summary": event.description.removesuffix("."),
        "description": HOW,
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {
                "in": "header",
                "name": name,
                "required": True,
                "description": description,
                "schema": {"type": "string", "examples": [example]},
            }
            for name, (description, example) in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": {"2XX": {"description": "It was taken."}},
    }
