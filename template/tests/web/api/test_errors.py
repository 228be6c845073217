"""Whatever goes wrong below `/api/` is told in a problem document."""

from typing import Any

import pytest
from django.test import Client

from core.problems import MEDIA_TYPE
from tests.web.api.conftest import Caller, token_of
from web import limits
from web.accounts.models import User
from web.teams.models import Team


def assert_problem(response: Any, status: int) -> dict[str, Any]:
    """The document of the answer."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == MEDIA_TYPE
    assert int(response.get("Content-Length", len(response.content))) == len(response.content)
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    assert document["request_id"] == response["X-Request-ID"]
    return document


@pytest.mark.parametrize("path", ["/nothing", "/teams/", "/teams/1/nothing", ""])
def test_an_unknown_address(call: Caller, path: str) -> None:
    assert_problem(call("GET", path or "/"), 404)


def test_a_method_that_an_address_does_not_have(call: Caller) -> None:
    response = call("PUT", "/me")
    assert_problem(response, 405)
    assert set(response["Allow"].split(", ")) == {"GET", "PATCH"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        '"New"',
        "{}",
        '{"name": 1}',
        '{"name": ""}',
        '{"name": "New", "is_staff": true}',
        '{"name": "\\u202e"}',
        '{"name": "\\ud800"}',
        "[" * 50_000,
        b"\xff",
        '{"name": ' + "9" * 5000 + "}",
    ],
)
def test_a_body_that_is_not_valid_changes_nothing(
    call: Caller, team: Team, body: str | bytes
) -> None:
    document = assert_problem(call("PATCH", f"/teams/{team.pk}", body), 422)
    assert document["type"] == "urn:problem:invalid-request"
    assert document["errors"]
    team.refresh_from_db()
    assert team.name == "Acme"


def test_an_unknown_field_is_named(call: Caller) -> None:
    document = assert_problem(call("PATCH", "/me", {"name": "A", "is_staff": True}), 422)
    assert [error["pointer"] for error in document["errors"]] == ["#/is_staff"]


def test_what_is_wrong_in_the_query_is_named(call: Caller) -> None:
    document = assert_problem(call("GET", "/teams?limit=0"), 422)
    assert [error["pointer"] for error in document["errors"]] == ["query/limit"]


def test_a_body_must_say_that_it_is_json(call: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        response = call("PATCH", "/me", {"name": "New"}, Content_Type=kind)
        assert_problem(response, 422)


def test_a_body_over_a_mebibyte_is_not_read(call: Caller) -> None:
    body = '{"name": "%s"}'
    assert_problem(call("PATCH", "/me", body % ("x" * 1_048_576)), 413)
    assert_problem(call("PATCH", "/me", body % ("x" * (1_048_576 - len(body) + 2))), 422)


@pytest.mark.parametrize("team_id", ["0", "-1", "x", "1.5", str(2**63), "9" * 30])
def test_an_id_that_is_none(call: Caller, team_id: str) -> None:
    assert_problem(call("GET", f"/teams/{team_id}"), 422)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=aWQ6MA"])
def test_a_page_that_cannot_be(call: Caller, query: str) -> None:
    assert_problem(call("GET", f"/teams?{query}"), 422)


def test_a_fault_of_ours_tells_nothing_about_it(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(limits, "count", broken)
    response = call("GET", "/me")
    assert_problem(response, 500)
    assert b"secret" not in response.content


def test_a_change_by_cookie_needs_the_token_of_a_page(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    response = strict.patch("/api/v1/me", {"name": "New"}, content_type="application/json")
    assert assert_problem(response, 403)["type"] == "urn:problem:cross-site-request"
    owner.refresh_from_db()
    assert owner.name == "Olive"


def test_a_wrong_token_is_not_made_good_by_a_cookie(owner: User) -> None:
    browser = Client(headers={"Authorization": "Bearer session_wrong"})
    browser.force_login(owner)
    assert_problem(browser.get("/api/v1/me"), 401)
    assert Caller(token_of(owner))("GET", "/me").status_code == 200
