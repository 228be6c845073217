"""The OpenAPI document of an application.

Parameters, bodies and answers come from the routes of each framework. What the table of operations
knows is added here, once: who may call, which errors there are, and the headers. So is what every
operation has: its group's description, an example of each body, and error documents.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from core.api import errors
from core.api.errors import LIMITS
from core.api.examples import example, resolve
from core.api.idempotency import HEADER as IDEMPOTENCY_KEY
from core.api.operations import Operation
from core.api.table import ALL, ALL_TAGS
from core.outgoing.described import describe_events
from core.problems import MEDIA_TYPE, ProblemDocument, phrase

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
PARAMETERS = {
    IDEMPOTENCY_KEY: (
        "Choose a new one for each request; whoever repeats a request under the same key gets"
        " the first answer again, and it has one effect.",
        "7c1f0a52-5d0e-4b63-9c38-6a1f4f0f6a11",
    ),
    "If-Match": (
        "Change it only if this is still its version; else the answer is 412.",
        '"4fa1c7d2"',
    ),
    "If-None-Match": ("Answer 304 if this is still its version.", '"4fa1c7d2"'),
}
COMPONENTS = ("schemas", "headers", "responses")


def complete(document: Document, origin: str) -> Document:
    """The document of the application at `origin`, with all that is known of its operations."""
    components = document.setdefault("components", {})
    components["headers"] = {name: described(*header) for name, header in HEADERS.items()}
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(schema.pop("$defs"), ProblemDocument=schema)
    name_by_title(document)
    found = [route for path in document["paths"].values() for route in path.values()]
    for route in found:
        if (operation := ALL.get(route["operationId"])) is not None:
            route.update(summary=operation.summary, tags=[operation.tag])
            route["security"] = [] if operation.is_public else SECURITY
            route.update(describe(operation, route))
        finish(route, components)
    document["servers"] = [{"url": origin}]
    used = {tag for route in found for tag in route.get("tags", [])}
    document["tags"] = [
        {"name": name, "description": words} for name, words in ALL_TAGS.items() if name in used
    ]
    if any(route["operationId"] in ALL for route in found):
        document["info"]["description"] += f"\n\n{guide()}"
        document["webhooks"], schemas = describe_events()
        for name, schema in schemas.items():
            if components["schemas"].setdefault(name, schema) != schema:
                raise ValueError(f"an event and an operation both have a schema {name}")
        found += [route for webhook in document["webhooks"].values() for route in webhook.values()]
    prune(document)
    for media in bodies(found):
        if not {"example", "examples"} & media.keys() and "schema" in media:
            media["example"] = example(media["schema"], document)
    return document


def describe(operation: Operation, route: Document) -> Document:
    """The description, parameters and responses of one operation."""
    success = route["responses"].get(operation.success) or route["responses"].get(
        str(operation.success), {}
    )
    success = {**success, "description": phrase(operation.success)}
    responses = {str(operation.success): success | headers(*success_headers(operation))}
    if operation.method == "GET" and operation.etag:
        responses["304"] = {"description": phrase(304)} | headers("ETag")
    for status in operation.problems:
        responses[str(status)] = {"content": {MEDIA_TYPE: {}}}
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


def finish(route: Document, components: Document) -> None:
    """What every operation says, whether or not it is in the table."""
    # Without it a reader cannot tell whether anybody may call, or somebody forgot to say who.
    route.setdefault("security", [])
    for parameter in route.get("parameters", []):
        if parameter["in"] == "path" and parameter["name"].endswith("_id"):
            words = parameter["name"].removesuffix("_id").replace("_", " ")
            parameter.setdefault("description", f"The id of the {words}.")
    responses = route["responses"]
    for status, response in responses.items():
        if list(response.get("content", ())) == [MEDIA_TYPE]:
            name = errors.name(int(status))
            components.setdefault("responses", {})[name] = errors.response(int(status))
            responses[status] = {"$ref": f"#/components/responses/{name}"}
        elif response.get("description") in (None, "", "Successful Response"):
            response["description"] = phrase(int(status))
    route["responses"] = {status: responses[status] for status in sorted(responses, key=str)}


def header_names(operation: Operation) -> list[str]:
    """The request headers that the operation honours."""
    names = [IDEMPOTENCY_KEY] if operation.takes_key else []
    if operation.etag and operation.method in ("GET", "PATCH"):
        names.append("If-None-Match" if operation.method == "GET" else "If-Match")
    return names


def header_parameter(name: str) -> Document:
    """A request header; none has to be sent."""
    description, example = PARAMETERS[name]
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", "examples": [example]},
    }


def success_headers(operation: Operation) -> list[str]:
    """The headers of the answer."""
    names = ["ETag"] if operation.etag else []
    names += ["Idempotent-Replayed"] if operation.takes_key else []
    return [*names, *LIMITS]


def headers(*names: str) -> Document:
    """References to these headers, if there are any."""
    references = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"headers": references} if references else {}


def described(kind: str, description: str) -> Document:
    """One header of an answer."""
    return {"description": description, "schema": {"type": kind}}


def bodies(routes: list[Document]) -> Iterator[Document]:
    """The description of each body that goes in or out."""
    for route in routes:
        for part in (route.get("requestBody", {}), *route["responses"].values()):
            yield from part.get("content", {}).values()


def name_by_title(document: Document) -> None:
    """Call a page of projects `ProjectPage`, as its class does, and not `Page_Project_`."""
    schemas = document["components"]["schemas"]
    names = {
        f"#/components/schemas/{name}": f"#/components/schemas/{schema['title']}"
        for name, schema in schemas.items()
        if name.endswith("_") and schema["title"].isidentifier()
    }
    for part in objects_in(document):
        if part.get("$ref") in names:
            part["$ref"] = names[part["$ref"]]
    for old, new in names.items():
        schemas[new.rpartition("/")[2]] = schemas.pop(old.rpartition("/")[2])


def objects_in(whole: Any) -> Iterator[dict[str, Any]]:
    """Each object of JSON, the whole itself among them, before those inside of it."""
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            yield part
            waiting += part.values()


def prune(document: Document) -> None:
    """Leave out the components that nothing refers to."""
    used: set[str] = set()
    waiting = [document["paths"], document.get("webhooks", {})]
    while waiting:
        for part in objects_in(waiting.pop()):
            reference = part.get("$ref")
            if isinstance(reference, str) and reference not in used:
                used.add(reference)
                waiting.append(resolve(reference, document))
    for kind in COMPONENTS:
        document["components"][kind] = {
            name: part
            for name, part in document["components"].get(kind, {}).items()
            if f"#/components/{kind}/{name}" in used
        }


@cache
def guide() -> str:
    """What a caller knows about all operations."""
    return Path(__file__).with_name("guide.md").read_text("utf-8")
