"""What the table of operations adds to the OpenAPI document."""

from typing import Any

from core.api.openapi import complete
from core.problems import MEDIA_TYPE


def route(operation_id: str, status: int) -> dict[str, Any]:
    """One operation as a framework documents it."""
    answer = {"description": "x", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": operation_id, "responses": {str(status): answer}}


def test_errors_headers_and_callers_come_from_the_table() -> None:
    document = {"paths": {"/api/v1/teams": {"post": route("create_team", 201)}}}
    made = complete(document)["paths"]["/api/v1/teams"]["post"]
    assert made["security"] == [{"token": []}, {"cookie": []}]
    assert set(made["responses"]) == {"201", "401", "403", "409", "413", "422", "429", "500"}
    assert list(made["responses"]["409"]["content"]) == [MEDIA_TYPE]
    assert made["responses"]["201"]["content"]["application/json"]["schema"] == {"type": "object"}
    assert [each["name"] for each in made["parameters"]] == ["Idempotency-Key"]


def test_versions_are_documented_where_they_are_honoured() -> None:
    path = {"get": route("get_team", 200), "patch": route("update_team", 200)}
    made = complete({"paths": {"/api/v1/teams/{team_id}": path}})["paths"]
    team = made["/api/v1/teams/{team_id}"]
    assert [each["name"] for each in team["get"]["parameters"]] == ["If-None-Match"]
    assert [each["name"] for each in team["patch"]["parameters"]] == ["If-Match"]
    assert "304" in team["get"]["responses"]
    assert "412" in team["patch"]["responses"]
    assert "ETag" in team["patch"]["responses"]["200"]["headers"]


def test_what_is_not_in_the_table_stays_as_it_is() -> None:
    document = {"paths": {"/api/v1/login": {"post": route("login", 200)}}}
    assert complete(document)["paths"]["/api/v1/login"]["post"] == route("login", 200)
