"""What an OpenAPI document does not say, though whoever calls the API would like to know it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.api.examples import resolve
from core.problems import MEDIA_TYPE

Part = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OPERATION_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def missing(document: Part) -> list[str]:
    """One sentence for each thing that is missing; it begins with the operation."""
    return [*_of_document(document), *_of_operations(document), *_of_webhooks(document)]


def _of_document(document: Part) -> Iterator[str]:
    for name in ("title", "description", "version"):
        if not document.get("info", {}).get(name):
            yield f"the document: it has no {name}"
    if not document.get("servers"):
        yield "the document: it names no server"
    for tag in document.get("tags", []):
        if not tag.get("description"):
            yield f"the group {tag['name']!r}: it has no description"


def _of_operations(document: Part) -> Iterator[str]:
    seen: set[str] = set()
    tags = {tag["name"] for tag in document.get("tags", [])}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if (operation := operations.get(method)) is None:
                continue
            name = operation.get("operationId") or f"{method.upper()} {path}"
            if name in seen:
                yield f"{name}: another operation has the same operationId"
            seen.add(name)
            for what in (
                *_of_operation(operation, tags, document),
                *_of_content(operation, document),
            ):
                yield f"{name}: {what}"


def _of_operation(operation: Part, tags: set[str], document: Part) -> Iterator[str]:
    for name in ("operationId", "summary", "description"):
        if not operation.get(name):
            yield f"it has no {name}"
    if not OPERATION_ID.fullmatch(operation.get("operationId", "x")):
        yield "its operationId is not like_this"
    if not operation.get("tags"):
        yield "it belongs to no group: give it a tag"
    for tag in operation.get("tags", []):
        if tag not in tags:
            yield f"nobody says what the group {tag!r} is about: see core/product/operations.py"
    if "security" not in operation:
        yield "it does not say who may call it: its `security` is missing"
    schemes = document.get("components", {}).get("securitySchemes", {})
    for requirement in operation.get("security", []):
        for scheme in requirement:
            if not schemes.get(scheme, {}).get("description"):
                yield f"its security scheme {scheme!r} is not described"
    if operation.get("security") and "401" not in operation.get("responses", {}):
        yield "it asks for a caller and has no answer 401"


def _of_content(operation: Part, document: Part) -> Iterator[str]:
    """What its parameters, its body and its answers do not say."""
    for parameter in operation.get("parameters", []):
        if not parameter.get("description"):
            yield f"its parameter `{parameter['name']}` has no description"
        yield from _of_schema(parameter["schema"], document, f"its parameter `{parameter['name']}`")
    yield from _of_media(operation.get("requestBody", {}), document, "its body")
    responses = operation.get("responses", {})
    if not any(status < "400" for status in responses):
        yield "it has no answer for success"
    if not any(status >= "400" for status in responses):
        yield "it has no error document"
    for status, response in responses.items():
        found = resolve(response["$ref"], document) if "$ref" in response else response
        if not found.get("description"):
            yield f"its answer {status} has no description"
        if status >= "400" and MEDIA_TYPE not in found.get("content", {}):
            yield f"its answer {status} is no problem document: {MEDIA_TYPE}"
        yield from _of_media(found, document, f"its answer {status}")


def _of_media(part: Part, document: Part, where: str) -> Iterator[str]:
    for media_type, media in part.get("content", {}).items():
        if "schema" not in media:
            yield f"{where} has no schema for {media_type}"
            continue
        if not {"example", "examples"} & media.keys():
            yield f"{where} has no example"
        yield from _of_schema(media["schema"], document, where)


def _of_schema(schema: Part, document: Part, where: str) -> Iterator[str]:
    """The texts that nobody gave an example, each once."""
    seen: set[str] = set()
    waiting: list[tuple[Part, str]] = [(schema, "")]
    while waiting:
        part, path = waiting.pop()
        if (reference := part.get("$ref")) is not None:
            if reference not in seen:
                seen.add(reference)
                waiting.append((resolve(reference, document), reference.rpartition("/")[2]))
            continue
        if part.get("examples") or part.keys() & {"enum", "const", "example"}:
            continue
        if part.get("default") not in (None, "", []):
            continue
        for word in ("anyOf", "oneOf", "allOf"):
            waiting += [(each, path) for each in part.get(word, [])]
        waiting += [(each, f"{path}.{name}") for name, each in part.get("properties", {}).items()]
        for word in ("items", "additionalProperties"):
            if isinstance(part.get(word), Mapping):
                waiting.append((part[word], path))
        if part.get("type") == "string" and "format" not in part:
            field = f"`{path}` of {where}" if path else where
            yield f"{field} has no example: write Field(examples=[...])"


def _of_webhooks(document: Part) -> Iterator[str]:
    for name, operations in document.get("webhooks", {}).items():
        for operation in operations.values():
            for word in ("summary", "description", "requestBody", "responses"):
                if not operation.get(word):
                    yield f"the webhook {name}: it has no {word}"
            for what in _of_media(operation.get("requestBody", {}), document, "its body"):
                yield f"the webhook {name}: {what}"
