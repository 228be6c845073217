"""The documents of this project: valid, and without a gap, whatever you add to the API."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.project import project
from sandbox.contract.documents import documents
from sandbox.contract.missing import missing
from sandbox.contract.text import written

DOCUMENTS = documents()
EACH = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=list(DOCUMENTS))


@EACH
def test_every_operation_says_all_that_callers_want_to_know(document: dict[str, Any]) -> None:
    assert missing(document) == []


@EACH
def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    errors = OpenAPIV31SpecValidator(document).iter_errors()
    assert [f"{list(error.absolute_path)}: {error.message}" for error in errors] == []


@EACH
def test_every_example_is_as_its_schema_says(document: dict[str, Any]) -> None:
    tried = 0
    for where, schema, example in examples(document):
        # References are looked up beside it.
        whole = {**schema, "components": document["components"]}
        for error in Draft202012Validator(whole).iter_errors(example):
            raise AssertionError(f"{where}: {error.message}: {example}")
        tried += 1
    assert tried > 5


def examples(part: Any, where: str = "#") -> list[tuple[str, dict[str, Any], Any]]:
    """Every example of a body, with its schema."""
    found = []
    if isinstance(part, dict):
        if "schema" in part and "example" in part:
            found.append((where, part["schema"], part["example"]))
        for name, each in part.items():
            found += examples(each, f"{where}/{name}")
    return found


@EACH
def test_it_is_the_same_on_every_machine(document: dict[str, Any]) -> None:
    text = written(document)
    assert json.loads(text) == document
    assert document["servers"] == [{"url": f"https://{project.domain}"}]
    assert not re.search(r"localhost|127\.0\.0\.1|testserver", text)


@EACH
def test_clients_get_names_that_a_person_would_choose(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name), name
        # Generators name what they make for the title.
        assert schema.get("title", name) == name
        # A generator of Python confuses the two.
        own = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        assert own not in schema.get("properties", {}), f"{name}.{own}"
