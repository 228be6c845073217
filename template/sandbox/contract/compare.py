"""What became of a schema: which values one allows and the other does not.

What callers send must go on being taken, so the old schema is held against the new one. What they
get must stay what they can read, so the new one is held against the old one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

from core.api.examples import resolve

Schema = Mapping[str, Any]
Kind = Literal["type", "value", "required", "unknown", "bound"]

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
# A different one is another set of values, as far as we can tell.
OTHER = ("pattern", "multipleOf", "uniqueItems")


@dataclass(frozen=True)
class Difference:
    """A value that the one schema allows and the other does not.

    `at` says where in the value; `what` is the type, the value or the bound.
    """

    kind: Kind
    at: str
    what: str = ""


class Comparison:
    """Of the schemas of two documents."""

    def __init__(self, ours: Schema, theirs: Schema) -> None:
        self.ours, self.theirs = ours, theirs
        # Schemas may refer to themselves.
        self._within: set[tuple[str, str]] = set()

    def differences(self, ours: Schema, theirs: Schema, at: str = "") -> list[Difference]:
        """Why not every value of `ours` is one of `theirs`; none when all are."""
        pair = (str(ours.get("$ref")), str(theirs.get("$ref")))
        if "None" not in pair:
            if pair in self._within:
                return []
            self._within.add(pair)
        try:
            wide = list(cases(theirs, self.theirs))
            return [
                difference
                for case in cases(ours, self.ours)
                for difference in self._of_case(case, wide, at)
            ]
        finally:
            self._within.discard(pair)

    def _of_case(self, case: Schema, wide: list[Schema], at: str) -> list[Difference]:
        """Those against the case that is the most like this one."""
        alike = [each for each in wide if is_within(case.get("type"), each.get("type"))]
        if not alike:
            return [Difference("type", at, str(case.get("type", "anything")))]
        if len(alike) > 1 and len(case.get("enum", ())) > 1:
            # Several lists of values allow what any of them does.
            return [
                difference
                for value in case["enum"]
                for difference in self._of_case({**case, "enum": [value]}, wide, at)
            ]
        return min((list(self._against(case, each, at)) for each in alike), key=len)

    def _against(self, ours: Schema, theirs: Schema, at: str) -> Iterator[Difference]:
        if "enum" in theirs:
            if "enum" not in ours:
                yield Difference("type", at, f"any {ours.get('type', 'thing')}")
                return
            for value in ours["enum"]:
                if value not in theirs["enum"]:
                    yield Difference("value", at, repr(value))
            return
        if "enum" in ours:
            for value in ours["enum"]:
                if not is_in_bounds(value, theirs):
                    yield Difference("value", at, repr(value))
            return
        if "format" in theirs and ours.get("format") != theirs["format"]:
            yield Difference("type", at, f"a text that is no {theirs['format']}")
        yield from bounds(ours, theirs, at)
        if ours.get("type") == "array" and "items" in theirs:
            yield from self.differences(ours.get("items", {}), theirs["items"], f"{at}[]")
        if ours.get("type") == "object":
            yield from self._of_objects(ours, theirs, at)

    def _of_objects(self, ours: Schema, theirs: Schema, at: str) -> Iterator[Difference]:
        here, there = ours.get("properties", {}), theirs.get("properties", {})
        more = theirs.get("additionalProperties", True)
        for name in theirs.get("required", []):
            if name not in ours.get("required", []):
                yield Difference("required", within(at, name), "" if name in here else "gone")
        for name, schema in here.items():
            if name in there:
                yield from self.differences(schema, there[name], within(at, name))
            elif isinstance(more, Mapping):
                yield from self.differences(schema, more, within(at, name))
            else:
                yield Difference("unknown", within(at, name))
        free = ours.get("additionalProperties", True)
        if isinstance(more, Mapping) and more:
            yield from self.differences(
                free if isinstance(free, Mapping) else {}, more, f"{at}{{}}"
            )
        elif more is False and free is not False:
            yield Difference("unknown", f"{at}{{}}")


def within(at: str, name: str) -> str:
    """The place of a property."""
    return f"{at}.{name}" if at else name


def is_within(ours: str | None, theirs: str | None) -> bool:
    """Whether a value of the one type may be one of the other; None is every type."""
    return theirs is None or ours == theirs or (ours, theirs) == ("integer", "number")


def cases(schema: Schema, document: Schema) -> Iterator[Schema]:
    """The schema as alternatives without references, each of one type."""
    merged = merge(schema, document)
    for word in ("anyOf", "oneOf"):
        if word in merged:
            rest = {name: value for name, value in merged.items() if name != word}
            for each in merged[word]:
                yield from cases({**rest, **merge(each, document)}, document)
            return
    if "const" in merged:
        merged = {**merged, "enum": [merged["const"]]}
    kinds = merged.get("type")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        yield {**merged, "type": kind} if kind else merged


def merge(schema: Schema, document: Schema) -> dict[str, Any]:
    """The schema with what it refers to, and with all of `allOf`, in one."""
    merged = {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}
    parts = [merge(each, document) for each in schema.get("allOf", [])]
    if "$ref" in schema:
        parts.append(merge(resolve(schema["$ref"], document), document))
    for part in parts:
        properties = {**part.get("properties", {}), **merged.get("properties", {})}
        required = [*part.get("required", []), *merged.get("required", [])]
        merged = {**part, **merged}
        if properties:
            merged["properties"] = properties
        if required:
            merged["required"] = list(dict.fromkeys(required))
    return merged


def bounds(ours: Schema, theirs: Schema, at: str) -> Iterator[Difference]:
    """The bounds of theirs that ours does not keep."""
    for names, tighter in ((LOWER, -1), (UPPER, 1)):
        for name in names:
            if name not in theirs:
                continue
            mine = ours.get(name)
            if mine is None or (mine - theirs[name]) * tighter > 0:
                yield Difference("bound", at, f"{name} {theirs[name]}")
    for name in OTHER:
        if theirs.get(name) and ours.get(name) != theirs[name]:
            yield Difference("bound", at, f"{name} {theirs[name]}")


def is_in_bounds(value: object, schema: Schema) -> bool:
    """Whether one of the listed values keeps the bounds; lists have texts and numbers."""
    if isinstance(value, str):
        if re.search(schema.get("pattern", ""), value) is None:
            return False
        return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", inf))
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not schema.get("minimum", -inf) <= value <= schema.get("maximum", inf):
            return False
        low, high = schema.get("exclusiveMinimum", -inf), schema.get("exclusiveMaximum", inf)
        return bool(low < value < high)
    return True
