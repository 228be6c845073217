"""Whatever an operation does not say is named, together with the operation."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.contract.missing import missing

Json = dict[str, Any]
PROBLEM: Json = {
    "description": "It is not there.",
    "content": {"application/problem+json": {"schema": {"type": "object"}, "example": {}}},
}
COMPLETE: Json = {
    "info": {"title": "Ours", "description": "What we sell.", "version": "1"},
    "servers": [{"url": "https://example.com"}],
    "tags": [{"name": "things", "description": "What there is."}],
    "components": {
        "securitySchemes": {"token": {"type": "http", "description": "A token."}},
        "schemas": {
            "Thing": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "examples": ["Website"]},
                    "made_at": {"type": "string", "format": "date-time"},
                },
            }
        },
    },
    "paths": {
        "/things/{thing_id}": {
            "patch": {
                "operationId": "change_thing",
                "summary": "Change a thing",
                "description": "For everybody.",
                "tags": ["things"],
                "security": [{"token": []}],
                "parameters": [
                    {
                        "in": "path",
                        "name": "thing_id",
                        "required": True,
                        "description": "The id of the thing.",
                        "schema": {"type": "integer"},
                    }
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Thing"},
                            "example": {},
                        }
                    }
                },
                "responses": {"204": {"description": "Done."}, "401": PROBLEM},
            }
        }
    },
}


def operation(document: Json) -> Json:
    """The one there is."""
    found: Json = document["paths"]["/things/{thing_id}"]["patch"]
    return found


def test_a_document_that_says_everything_lacks_nothing() -> None:
    assert missing(COMPLETE) == []


@pytest.mark.parametrize("name", ["summary", "description", "tags", "security"])
def test_the_operation_and_what_it_lacks_are_named(name: str) -> None:
    document = copy.deepcopy(COMPLETE)
    del operation(document)[name]
    (found,) = missing(document)
    assert found.startswith("change_thing: ")
    assert name in found or "tag" in found


def without_parameter_description(document: Json) -> None:
    del operation(document)["parameters"][0]["description"]


def without_body_example(document: Json) -> None:
    del operation(document)["requestBody"]["content"]["application/json"]["example"]


def without_field_example(document: Json) -> None:
    del document["components"]["schemas"]["Thing"]["properties"]["name"]["examples"]


def without_success(document: Json) -> None:
    del operation(document)["responses"]["204"]


def with_plain_error(document: Json) -> None:
    operation(document)["responses"]["401"] = {"description": "No."}


def without_401(document: Json) -> None:
    operation(document)["responses"] = {"204": {"description": "Done."}, "404": PROBLEM}


def with_unknown_tag(document: Json) -> None:
    operation(document)["tags"] = ["nothing"]


def with_ugly_name(document: Json) -> None:
    operation(document)["operationId"] = "changeThing_things__thing_id__patch"


def without_scheme(document: Json) -> None:
    del document["components"]["securitySchemes"]["token"]["description"]


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (without_parameter_description, "`thing_id` has no description"),
        (without_body_example, "its body has no example"),
        (without_field_example, "`Thing.name` of its body has no example"),
        (without_success, "no answer for success"),
        (with_plain_error, "401 is no problem document"),
        (without_401, "no answer 401"),
        (with_unknown_tag, "'nothing'"),
        (with_ugly_name, "not like_this"),
        (without_scheme, "'token' is not described"),
    ],
)
def test_every_gap_is_found(harm: Callable[[Json], None], words: str) -> None:
    document = copy.deepcopy(COMPLETE)
    harm(document)
    (found,) = missing(document)
    assert words in found


def test_two_operations_of_one_name_are_found() -> None:
    document = copy.deepcopy(COMPLETE)
    document["paths"]["/other"] = copy.deepcopy(document["paths"]["/things/{thing_id}"])
    assert missing(document) == ["change_thing: another operation has the same operationId"]
