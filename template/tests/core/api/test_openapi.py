"""What the table of operations adds to the OpenAPI document, and what every operation gets."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from core.api.openapi import complete
from core.api.schemas import Page
from core.outgoing.events import EVENTS
from core.problems import MEDIA_TYPE

ORIGIN = "https://api.example.com"


class Thing(BaseModel):
    """Something."""

    name: str = Field(examples=["Website"])


def route(operation_id: str, status: int, **more: Any) -> dict[str, Any]:
    """One operation as a framework documents it."""
    answer = {"description": "x", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": operation_id, "responses": {str(status): answer}} | more


def completed(
    paths: dict[str, Any], schemas: dict[str, Any] | None = None, origin: str = ORIGIN
) -> dict[str, Any]:
    """The document with these paths."""
    info = {"title": "Ours", "description": "What we sell."}
    document = {"info": info, "paths": paths, "components": {"schemas": schemas or {}}}
    return complete(document, origin)


def test_errors_headers_and_callers_come_from_the_table() -> None:
    document = completed({"/api/v1/teams": {"post": route("create_team", 201)}})
    made = document["paths"]["/api/v1/teams"]["post"]
    assert made["security"] == [{"token": []}, {"cookie": []}]
    assert set(made["responses"]) == {"201", "401", "403", "409", "413", "422", "429", "500"}
    assert made["responses"]["409"] == {"$ref": "#/components/responses/Conflict"}
    conflict = document["components"]["responses"]["Conflict"]
    assert conflict["content"][MEDIA_TYPE]["example"]["type"] == "urn:problem:conflict"
    assert made["responses"]["201"]["content"]["application/json"]["schema"] == {"type": "object"}
    assert [each["name"] for each in made["parameters"]] == ["Idempotency-Key"]


def test_versions_are_documented_where_they_are_honoured() -> None:
    path = {"get": route("get_team", 200), "patch": route("update_team", 200)}
    team = completed({"/api/v1/teams/{team_id}": path})["paths"]["/api/v1/teams/{team_id}"]
    assert [each["name"] for each in team["get"]["parameters"]] == ["If-None-Match"]
    assert [each["name"] for each in team["patch"]["parameters"]] == ["If-Match"]
    assert "304" in team["get"]["responses"]
    assert "412" in team["patch"]["responses"]
    assert "ETag" in team["patch"]["responses"]["200"]["headers"]


def test_what_is_not_in_the_table_keeps_its_own_words_and_is_said_to_be_open() -> None:
    document = completed({"/api/v1/login": {"post": route("login", 200, summary="Log in")}})
    login = document["paths"]["/api/v1/login"]["post"]
    assert login["summary"] == "Log in"
    assert login["security"] == []
    assert list(login["responses"]) == ["200"]
    assert document["info"]["description"] == "What we sell."


def test_a_reader_learns_where_it_is_what_groups_are_about_and_what_holds_for_all() -> None:
    document = completed({"/api/v1/teams": {"post": route("create_team", 201)}})
    assert document["servers"] == [{"url": ORIGIN}]
    assert [tag["name"] for tag in document["tags"]] == ["teams"]
    assert "## Limits" in document["info"]["description"]


def test_what_is_sent_to_customers_is_described_with_an_example() -> None:
    document = completed({"/api/v1/teams": {"post": route("create_team", 201)}})
    assert set(document["webhooks"]) == set(EVENTS)
    sent = document["webhooks"]["project.created"]["post"]
    assert sent["parameters"][0]["name"] == "webhook-id"
    (media,) = sent["requestBody"]["content"].values()
    assert media["schema"] == {"$ref": "#/components/schemas/ProjectCreated"}
    assert media["example"]["type"] == "project.created"
    assert media["example"]["data"] == EVENTS["project.created"].example()
    # The example is one of what happens; the schema says how a test is told from it.
    assert "test" not in media["example"]
    schema = document["components"]["schemas"]["ProjectCreated"]
    assert schema["properties"]["test"]["const"] is True
    assert "test" not in schema["required"]


def test_an_event_may_not_take_the_name_of_a_schema_of_the_api() -> None:
    with pytest.raises(ValueError, match="ProjectCreated"):
        completed(
            {"/api/v1/teams": {"post": route("create_team", 201)}},
            {"ProjectCreated": {"title": "x"}},
        )


def test_a_body_has_the_example_that_its_fields_make() -> None:
    schema = Page[Thing].model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = {**schema.pop("$defs"), "Page_Thing_": schema}
    media = {"schema": {"$ref": "#/components/schemas/Page_Thing_"}}
    answer = {"description": "x", "content": {"application/json": media}}
    path = {"get": {"operationId": "list_things", "responses": {"200": answer}}}
    document = completed({"/things": path}, schemas)
    assert media["example"] == {"items": [{"name": "Website"}], "next_cursor": "MTIz"}
    # Clients that are generated call the page so too.
    assert media["schema"] == {"$ref": "#/components/schemas/ThingPage"}
    assert sorted(document["components"]["schemas"]) == ["Thing", "ThingPage"]
