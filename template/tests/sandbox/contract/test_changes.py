"""What breaks callers of the API is found; what does not break them passes."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.contract.changes import changes
from sandbox.contract.documents import documents

Json = dict[str, Any]
ANSWER: Json = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "kind": {"type": "string", "enum": ["a", "b"]},
    },
    "required": ["id", "name", "kind"],
}
BODY: Json = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "kind": {"type": "string", "enum": ["a", "b"]}},
    "required": ["name"],
    "additionalProperties": False,
}


def json_of(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


OLD: Json = {
    "components": {
        "schemas": {"Thing": ANSWER, "NewThing": BODY},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
    "paths": {
        "/things/{thing_id}": {
            "post": {
                "operationId": "change_thing",
                "security": [{"token": []}, {"cookie": []}],
                "parameters": [
                    {"in": "path", "name": "thing_id", "required": True,
                     "schema": {"type": "integer"}},
                    {"in": "query", "name": "dry", "schema": {"type": "boolean"}},
                ],
                "requestBody": {"content": json_of("NewThing"), "required": True},
                "responses": {
                    "200": {"content": json_of("Thing"), "headers": {"ETag": {}}},
                    "404": {"content": json_of("Thing")},
                },
            }
        }
    },
    "webhooks": {"thing.made": {"post": {"requestBody": {"content": json_of("Thing")}}}},
}  # fmt: skip


def path(document: Json) -> Json:
    found: Json = document["paths"]["/things/{thing_id}"]
    return found


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def put(place: Callable[[Json], Any], name: str | int, value: Any) -> Callable[[Json], None]:
    """Writes a value into the document."""

    def change(document: Json) -> None:
        place(document)[name] = value

    return change


def drop(place: Callable[[Json], Any], name: str | int) -> Callable[[Json], None]:
    """Takes something out of the document."""

    def change(document: Json) -> None:
        del place(document)[name]

    return change


def operation(document: Json) -> Json:
    return path(document)["post"]  # type: ignore[no-any-return]


def thing(document: Json) -> Json:
    return schema(document, "Thing")["properties"]  # type: ignore[no-any-return]


def body(document: Json) -> Json:
    return schema(document, "NewThing")["properties"]  # type: ignore[no-any-return]


def moved(document: Json) -> None:
    document["paths"]["/moved"] = document["paths"].pop("/things/{thing_id}")


def optional_in_answer(document: Json) -> None:
    schema(document, "Thing")["required"].remove("name")


def not_in_answer(document: Json) -> None:
    optional_in_answer(document)
    del thing(document)["name"]


BREAKING: list[tuple[Callable[[Json], None], str]] = [
    (drop(path, "post"), "it was POST /things/{thing_id}, and it is gone"),
    (moved, "it was POST /things/{thing_id}, and it is POST /moved now"),
    (put(operation, "operationId", "alter_thing"), "it is called alter_thing now"),
    (put(operation, "security", [{"token": []}]), "who comes with cookie is refused now"),
    (drop(lambda each: operation(each)["parameters"], 1), "the parameter `dry` (query) is gone"),
    (
        put(lambda each: operation(each)["parameters"][1], "required", True),
        "the parameter `dry` (query) is required now",
    ),
    (
        put(lambda each: operation(each)["parameters"][1], "schema", {"type": "integer"}),
        "the parameter `dry` (query) may not be boolean now",
    ),
    (put(lambda each: schema(each, "NewThing"), "required", ["name", "kind"]),
     "`kind` of its body is required now"),
    (drop(body, "kind"), "`kind` of its body is not taken any more"),
    (put(lambda each: body(each)["kind"], "enum", ["a"]), "`kind` of its body may not be 'b' now"),
    (put(body, "name", {"type": "integer"}), "`name` of its body may not be string now"),
    (put(lambda each: body(each)["name"], "maxLength", 5),
     "`name` of its body is held to maxLength 5 now"),
    (put(operation, "requestBody", {"content": {"text/plain": {}}}),
     "its body may not be application/json now"),
    (drop(lambda each: operation(each)["responses"], "200"), "it does not answer 200 any more"),
    (drop(lambda each: operation(each)["responses"]["200"]["headers"], "ETag"),
     "its answer 200 has no header ETag any more"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), BREAKING)
def test_what_breaks_callers_is_found(change: Callable[[Json], None], words: str) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    found = [str(each) for each in changes(OLD, new) if each.breaks]
    assert f"change_thing: {words}" in found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (not_in_answer, "`name` of its {} is gone"),
        (optional_in_answer, "`name` of its {} may be missing now"),
        (put(thing, "name", {"type": "integer"}), "`name` of its {} may be integer now"),
        (
            put(thing, "name", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "`name` of its {} may be null now",
        ),
    ],
)
def test_what_breaks_readers_is_found_in_answers_and_in_webhooks(
    change: Callable[[Json], None], words: str
) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    assert {str(each) for each in changes(OLD, new) if each.breaks} == {
        f"change_thing: {words.format('answer 200')}",
        f"change_thing: {words.format('answer 404')}",
        f"the webhook thing.made: {words.format('body')}",
    }


def more_to_read(document: Json) -> None:
    thing(document)["size"] = {"type": "integer"}


def more_to_send(document: Json) -> None:
    body(document)["size"] = {"type": "integer"}
    schema(document, "NewThing")["required"] = []
    body(document)["kind"]["enum"] += ["c"]


def another_operation(document: Json) -> None:
    document["paths"]["/more"] = {"get": {"operationId": "list_more", "responses": {}}}
    operation(document)["responses"]["409"] = {"description": "Not so."}
    operation(document)["parameters"] += [
        {"in": "query", "name": "more", "schema": {"type": "string"}}
    ]


def open_to_everybody(document: Json) -> None:
    operation(document)["security"] = []


def no_404(document: Json) -> None:
    del operation(document)["responses"]["404"]


@pytest.mark.parametrize(
    "change", [more_to_read, more_to_send, another_operation, open_to_everybody, no_404]
)
def test_what_breaks_nobody_passes(change: Callable[[Json], None]) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    assert changes(OLD, new) == []


def test_a_new_value_in_an_answer_is_only_worth_knowing() -> None:
    new = copy.deepcopy(OLD)
    thing(new)["kind"]["enum"] = ["a", "b", "c"]
    found = changes(OLD, new)
    assert {each.what for each in found} >= {"`kind` of its answer 200 may be 'c' now"}
    assert not any(each.breaks for each in found)


def test_a_scheme_or_a_webhook_that_is_another_breaks() -> None:
    new = copy.deepcopy(OLD)
    new["components"]["securitySchemes"]["token"]["scheme"] = "basic"
    new["webhooks"] = {}
    assert [str(each) for each in changes(OLD, new)] == [
        "the webhook thing.made: it is not sent any more",
        "the security scheme token: its scheme is basic now",
    ]


def test_the_documents_of_this_project_break_nothing_of_themselves() -> None:
    for document in documents().values():
        assert changes(document, document) == []
