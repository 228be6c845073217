"""If nothing is said to differ, every value of the one schema is a value of the other."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from sandbox.contract.compare import Comparison, Difference
from tests.sandbox.contract.schemas import SCHEMAS, Schema, edited, values

NOTHING: dict[str, Any] = {}
QUICK = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def differences(ours: Schema, theirs: Schema) -> list[Difference]:
    return Comparison(NOTHING, NOTHING).differences(ours, theirs)


@QUICK
@given(SCHEMAS)
def test_a_schema_does_not_differ_from_itself(schema: Schema) -> None:
    assert differences(schema, schema) == []


@QUICK
@given(st.data())
def test_what_does_not_differ_takes_every_value(data: st.DataObject) -> None:
    ours = data.draw(SCHEMAS)
    theirs = data.draw(edited(ours))
    if not differences(ours, theirs):
        for value in data.draw(st.lists(values(ours), min_size=3, max_size=6)):
            assert Draft202012Validator(theirs).is_valid(value), (ours, theirs, value)


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
NULL: Schema = {"type": "null"}
KINDS: Schema = {"type": "string", "enum": ["a", "b"]}


def thing(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (TEXT, NUMBER, [Difference("type", "", "string")]),
        (NUMBER, {"type": "number"}, []),
        ({"type": "number"}, NUMBER, [Difference("type", "", "number")]),
        (TEXT, {"anyOf": [TEXT, NULL]}, []),
        ({"anyOf": [TEXT, NULL]}, TEXT, [Difference("type", "", "null")]),
        ({"type": ["string", "null"]}, {"anyOf": [TEXT, NULL]}, []),
        (KINDS, TEXT, []),
        (TEXT, KINDS, [Difference("type", "", "any string")]),
        (KINDS, {"const": "a", "type": "string"}, [Difference("value", "", "'b'")]),
        (KINDS, {"oneOf": [{"const": each, "type": "string"} for each in "ab"]}, []),
        (TEXT, {**TEXT, "maxLength": 5}, [Difference("bound", "", "maxLength 5")]),
        ({**TEXT, "maxLength": 4}, {**TEXT, "maxLength": 5}, []),
        (TEXT, {**TEXT, "pattern": "x"}, [Difference("bound", "", "pattern x")]),
        (
            TEXT,
            {**TEXT, "format": "date-time"},
            [Difference("type", "", "a text that is no date-time")],
        ),
        (thing(a=TEXT), thing("a", a=TEXT), [Difference("required", "a")]),
        (thing(), thing("a", a=TEXT), [Difference("required", "a", "gone")]),
        (thing(a=TEXT, b=TEXT), thing(a=TEXT), [Difference("unknown", "b")]),
        (
            thing(a={"type": "array", "items": thing(b=TEXT)}),
            thing(a={"type": "array", "items": thing(b=NUMBER)}),
            [Difference("type", "a[].b", "string")],
        ),
        (
            {"type": "object", "additionalProperties": TEXT},
            {"type": "object", "additionalProperties": NUMBER},
            [Difference("type", "{}", "string")],
        ),
        (thing(a=TEXT), {"allOf": [thing(a=TEXT), thing(b=TEXT)]}, []),
    ],
)
def test_what_differs_is_named(ours: Schema, theirs: Schema, expected: list[Difference]) -> None:
    assert differences(ours, theirs) == expected


def test_schemas_that_refer_to_themselves_are_compared_once() -> None:
    def document(leaf: Schema) -> dict[str, Any]:
        reference = {"$ref": "#/components/schemas/Tree"}
        tree = thing(leaf=leaf, children={"type": "array", "items": reference})
        return {"components": {"schemas": {"Tree": tree}}}

    reference = {"$ref": "#/components/schemas/Tree"}
    old, new = document(TEXT), document(NUMBER)
    assert Comparison(old, old).differences(reference, reference) == []
    found = Comparison(old, new).differences(reference, reference)
    assert found == [Difference("type", "leaf", "string")]
