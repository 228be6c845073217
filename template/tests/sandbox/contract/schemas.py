"""Schemas as the API has them, made at random, their values, and what may become of them."""

import copy
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Schema = dict[str, Any]

NAMES = st.sampled_from(["id", "name", "kind", "size"])
WORDS = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def objects(draw: DrawFn, inner: SearchStrategy[Schema]) -> Schema:
    properties = draw(st.dictionaries(NAMES, inner, max_size=3))
    schema: Schema = {"type": "object", "properties": properties}
    if draw(st.booleans()):
        schema["additionalProperties"] = False
    if required := sorted(draw(st.sets(st.sampled_from(sorted(properties)))) if properties else ()):
        schema["required"] = required
    return schema


def arrays(inner: SearchStrategy[Schema]) -> SearchStrategy[Schema]:
    return st.builds(lambda items, most: {"type": "array", "items": items, "maxItems": most},
                     inner, st.integers(1, 3))  # fmt: skip


def unions(inner: SearchStrategy[Schema]) -> SearchStrategy[Schema]:
    return st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3))


LEAVES: SearchStrategy[Schema] = st.one_of(
    # Made anew each time, because edits are in place.
    st.builds(lambda: {"type": "null"}),
    st.builds(lambda: {"type": "boolean"}),
    st.builds(lambda low: {"type": "integer", "minimum": low}, st.integers(-2, 2)),
    st.builds(lambda high: {"type": "number", "maximum": high}, st.integers(-2, 2)),
    st.builds(lambda most: {"type": "string", "maxLength": most}, st.integers(0, 3)),
    st.builds(lambda words: {"type": "string", "enum": sorted(words)}, st.sets(WORDS, min_size=1)),
)
SCHEMAS: SearchStrategy[Schema] = st.recursive(
    LEAVES, lambda inner: st.one_of(objects(inner), arrays(inner), unions(inner)), max_leaves=6
)


@st.composite
def values(draw: DrawFn, schema: Schema) -> Any:
    """A value of the schema."""
    if "anyOf" in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"]))))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    match schema.get("type"):
        case "null":
            return None
        case "boolean":
            return draw(st.booleans())
        case "integer":
            # Close to the bound, where a mistake shows.
            low = schema.get("minimum", 0)
            return draw(st.integers(low, low + 1))
        case "number":
            high = schema.get("maximum", 0)
            return draw(st.one_of(st.integers(high - 1, high), st.floats(high - 1, high)))
        case "string":
            return "a" * draw(st.integers(0, schema.get("maxLength", 3)))
        case "array":
            items = values(schema["items"])
            return draw(st.lists(items, max_size=schema.get("maxItems", 2)))
    required = schema.get("required", [])
    sent = {name for name in schema["properties"] if name in required or draw(st.booleans())}
    return {name: draw(values(schema["properties"][name])) for name in sorted(sent)}


@st.composite
def edited(draw: DrawFn, schema: Schema) -> Schema:
    """The schema after some edits here and there."""
    result = copy.deepcopy(schema)
    for _ in range(draw(st.integers(1, 3))):
        part = draw(st.sampled_from(parts_of(result)))
        edit(draw, part)
    return result


def parts_of(schema: Schema) -> list[Schema]:
    """The schema and all within it."""
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    inner += [schema["items"]] if "items" in schema else []
    return [schema, *(part for each in inner for part in parts_of(each))]


def edit(draw: DrawFn, part: Schema) -> None:
    """Change one thing of a schema, in place."""
    for bound in ("minimum", "maximum", "maxLength", "maxItems"):
        if bound in part:
            part[bound] = max(0, part[bound] + draw(st.integers(-1, 1)))
    if "enum" in part:
        part["enum"] = sorted(draw(st.sets(WORDS, min_size=1)))
    elif "properties" in part:
        of_object(draw, part)
    elif "anyOf" in part and draw(st.booleans()):
        part["anyOf"] = [*part["anyOf"][draw(st.integers(0, 1)) :], draw(LEAVES)]
    elif draw(st.integers(0, 3)) == 0:
        new = draw(LEAVES)
        part.clear()
        part.update(new)


def of_object(draw: DrawFn, part: Schema) -> None:
    """Change one thing of an object."""
    name = draw(NAMES)
    required = set(part.get("required", []))
    match draw(st.sampled_from(["gone", "new", "required", "optional", "closed"])):
        case "gone":
            part["properties"].pop(name, None)
            required.discard(name)
        case "new":
            part["properties"].setdefault(name, draw(LEAVES))
        case "required" if name in part["properties"]:
            required.add(name)
        case "optional":
            required.discard(name)
        case "closed":
            part["additionalProperties"] = False
    part["required"] = sorted(required)
