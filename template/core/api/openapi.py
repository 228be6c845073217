"""The OpenAPI document of `/api/v1`.

Parameters, bodies and answers come from the routes of each framework. What the table of operations
knows is added here, once: who may call, which errors there are, and the headers.
"""

from http import HTTPStatus
from typing import Any

from core.api.idempotency import HEADER as IDEMPOTENCY_KEY
from core.api.operations import Operation
from core.api.table import ALL
from core.problems import MEDIA_TYPE, ProblemDocument

Document = dict[str, Any]

# Either one; the frameworks describe the two themselves, because their cookies differ.
SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"cookie": []}]

HEADERS: dict[str, tuple[str, str]] = {
    "ETag": ("string", "The version; send it as `If-Match` or `If-None-Match`."),
    "Idempotent-Replayed": ("string", "`true` when this is the answer to the first request."),
    "RateLimit-Limit": ("integer", "How many requests the caller may send in a window."),
    "RateLimit-Remaining": ("integer", "How many of them are left."),
    "RateLimit-Reset": ("integer", "The seconds until the next window."),
    "Retry-After": ("integer", "The seconds to wait."),
    "WWW-Authenticate": ("string", "How to authenticate."),
}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
PARAMETERS = {
    IDEMPOTENCY_KEY: (
        "Choose a new one for each request; whoever repeats a request under the same key gets"
        " the first answer again, and it has one effect."
    ),
    "If-Match": "Change it only if this is still its version; else the answer is 412.",
    "If-None-Match": "Answer 304 if this is still its version.",
}


def complete(document: Document) -> Document:
    """The document with what the table says; operations that are not in it stay as they are."""
    components = document.setdefault("components", {})
    components["headers"] = {name: described(*header) for name, header in HEADERS.items()}
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(schema.pop("$defs"), ProblemDocument=schema)
    for path in document["paths"].values():
        for route in path.values():
            if (operation := ALL.get(route["operationId"])) is not None:
                route.update(summary=operation.summary, tags=[operation.tag], security=SECURITY)
                route.update(describe(operation, route))
    return document


def describe(operation: Operation, route: Document) -> Document:
    """The description, parameters and responses of one operation."""
    success = route["responses"].get(operation.success) or route["responses"].get(
        str(operation.success), {}
    )
    success = {**success, "description": HTTPStatus(operation.success).phrase}
    responses = {str(operation.success): success | headers(*success_headers(operation))}
    if operation.method == "GET" and operation.etag:
        responses["304"] = {"description": HTTPStatus(304).phrase} | headers("ETag")
    for status in operation.problems:
        responses[str(status)] = problem(status)
    # Ninja writes the examples of a schema a second time, where OpenAPI wants them otherwise.
    theirs = [
        {name: value for name, value in each.items() if name != "examples"}
        for each in route.get("parameters", [])
        if each["name"] not in PARAMETERS
    ]
    return {
        "description": operation.description,
        "parameters": [*theirs, *map(header_parameter, header_names(operation))],
        "responses": responses,
    }


def header_names(operation: Operation) -> list[str]:
    """The request headers that the operation honours."""
    names = [IDEMPOTENCY_KEY] if operation.takes_key else []
    if operation.etag and operation.method in ("GET", "PATCH"):
        names.append("If-None-Match" if operation.method == "GET" else "If-Match")
    return names


def header_parameter(name: str) -> Document:
    """A request header; none has to be sent."""
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": PARAMETERS[name],
        "schema": {"type": "string"},
    }


def success_headers(operation: Operation) -> list[str]:
    """The headers of the answer."""
    names = ["ETag"] if operation.etag else []
    names += ["Idempotent-Replayed"] if operation.takes_key else []
    return [*names, *LIMITS]


def problem(status: int) -> Document:
    """The response with a problem document."""
    extra = {401: ["WWW-Authenticate"], 429: ["Retry-After", *LIMITS]}
    document = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
    return document | headers(*extra.get(status, []))


def headers(*names: str) -> Document:
    """References to these headers, if there are any."""
    references = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"headers": references} if references else {}


def described(kind: str, description: str) -> Document:
    """One header of an answer."""
    return {"description": description, "schema": {"type": kind}}
