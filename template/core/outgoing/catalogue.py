"""The types of events that customers can be told of: each a class, whose fields are the data.

    class ProjectCreated(Event, type="project.created", description="A project was made."):
        project: ProjectFacts

Give every field an example: the documentation, the pages and the reference show them.
"""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

EVENTS: dict[str, type["Event"]] = {}
LONGEST = 100  # characters of a type


class Event(BaseModel):
    """Something that happened in a team; a subclass declares a type of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str]
    description: ClassVar[str]

    def __init_subclass__(cls, *, type: str, description: str) -> None:  # noqa: A002
        """Register the type.

        Parameters
        ----------
        type
            What customers know it by, such as "project.created"; it never changes.
        description
            One sentence for them.

        Raises `ValueError` for a type that is taken, or too long.
        """
        if type in EVENTS:
            raise ValueError(f"there is an event {type!r} already: {EVENTS[type].__qualname__}")
        if not 0 < len(type) <= LONGEST:
            raise ValueError(f"the type of an event has 1 to {LONGEST} characters")
        cls.type, cls.description = type, description
        EVENTS[type] = cls

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """What `data` looks like."""
        return cls.model_json_schema()

    @classmethod
    def example(cls) -> dict[str, Any]:
        """A `data` as it may come, made of the examples of the fields."""
        schema = cls.model_json_schema()
        found: dict[str, Any] = example_of(schema, schema.get("$defs", {}))
        return found


def example_of(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """An example of what a JSON schema describes; raises `LookupError` where it has none."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(known[schema["$ref"].rpartition("/")[2]], known)
    if "properties" in schema:
        return {name: example_of(each, known) for name, each in schema["properties"].items()}
    for name in ("default", "const"):
        if name in schema:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [example_of(schema["items"], known)]
    raise LookupError(f"give a field examples: {schema.get('title', schema)}")
