"""Examples are made of what fields say, and a schema that refers to itself ends."""

from typing import Any

import pytest

from core.api.examples import UNSAID, example

NOTHING: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "examples": ["Ann", "Bob"]}, "Ann"),
        ({"type": "string", "examples": [None]}, None),
        ({"enum": ["a", "b"], "type": "string"}, "a"),
        ({"const": "a"}, "a"),
        ({"type": "string", "format": "date"}, "2026-01-31"),
        ({"type": "string", "default": ""}, ""),
        ({"type": "string"}, UNSAID),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "boolean"}, False),
        ({"type": "boolean", "default": True}, True),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}], "default": None}, 1),
        (
            {"allOf": [{"properties": {"a": {"const": 1}}, "type": "object"}], "default": None},
            {"a": 1},
        ),
        ({"type": "array", "items": {"type": "integer"}}, [1]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"name": 1}),
    ],
)
def test_a_value_of_each_kind_of_schema(schema: dict[str, Any], value: object) -> None:
    assert example(schema, NOTHING) == value


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {
        "type": "object",
        "properties": {
            "name": {"const": "root"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    }
    document = {"components": {"schemas": {"Tree": tree}}}
    reference = {"$ref": "#/components/schemas/Tree"}
    assert example(reference, document) == {"name": "root", "children": []}
