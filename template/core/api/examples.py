"""Examples of bodies, made of the examples that fields have.

A field says what it looks like with `Field(examples=[...])`; what a body looks like follows.
"""

from collections.abc import Mapping
from typing import Any, Final

Json = Any
Schema = Mapping[str, Any]

FORMATS: Final[dict[str, str]] = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "ann@example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "0b5e2a4c-6d1f-4c8e-9a37-2f1d8c5b7e60",
}
# Stands where nobody said what a text looks like; the check of the document finds it.
UNSAID: Final = "string"


def example(schema: Schema, document: Schema, within: tuple[str, ...] = ()) -> Json:
    """A value of the schema; `within` are the references that it is inside of."""
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("example", "const"):
        if word in schema:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    if "$ref" in schema:
        reference = schema["$ref"]
        if reference in within:
            return None
        return example(resolve(reference, document), document, (*within, reference))
    if schema.get("allOf"):
        parts = [example(each, document, within) for each in schema["allOf"]]
        return {k: v for part in parts for k, v in part.items()} if len(parts) > 1 else parts[0]
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            choices = [each for each in schema[word] if each.get("type") != "null"]
            return example((choices or schema[word])[0], document, within)
    if schema.get("default") not in (None, ""):
        return schema["default"]
    return of_type(schema, document, within)


def of_type(schema: Schema, document: Schema, within: tuple[str, ...]) -> Json:
    """A value of the schema's type."""
    match schema.get("type"):
        case "object":
            return of_object(schema, document, within)
        case "array":
            items = schema.get("items", {})
            return [] if items.get("$ref") in within else [example(items, document, within)]
        case "string":
            return FORMATS.get(schema.get("format", ""), schema.get("default", UNSAID))
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
        case "null":
            return None
    return {}


def of_object(schema: Schema, document: Schema, within: tuple[str, ...]) -> Json:
    """A value of each property, or one of any name where names are free."""
    properties = schema.get("properties", {})
    if not properties and isinstance(schema.get("additionalProperties"), Mapping):
        return {"name": example(schema["additionalProperties"], document, within)}
    return {name: example(each, document, within) for name, each in properties.items()}


def resolve(reference: str, document: Schema) -> Schema:
    """What a reference within the document stands for."""
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found  # type: ignore[no-any-return]
