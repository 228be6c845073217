"""Yours: what your part of the API promises; who may do what is in `authorization.py`."""

from typing import Any

import pytest
from django.test import Client

from tests.product.web.conftest import make_project
from web.accounts.models import User
from web.outbox.models import Message
from web.product.models import Project
from web.teams.models import Team


def address(team: Team, *path: object) -> str:
    """An address below the projects of a team."""
    return "/".join(map(str, ("/api/v1/teams", team.pk, "projects", *path)))


def send(caller: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """A request with a JSON body."""
    data = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(caller, method)(path, headers=headers, **data)


def test_a_project_lives(browser: Client, team: Team) -> None:
    made = send(browser, "post", address(team), {"name": "Website", "description": "one\ntwo"})
    assert made.status_code == 201
    project = made.json()
    assert project["created_by"] == "Ann <3"
    path = address(team, project["id"])
    assert send(browser, "get", path).json() == project
    changed = send(browser, "patch", path, {"name": "Shop"}).json()
    assert (changed["name"], changed["description"]) == ("Shop", "one\ntwo")
    assert changed["updated_at"] > project["updated_at"]
    archived = send(browser, "post", f"{path}/archive").json()
    assert send(browser, "post", f"{path}/archive").json() == archived
    assert send(browser, "get", address(team)).json()["items"] == []
    assert send(browser, "get", f"{address(team)}?archived=true").json()["items"] == [archived]
    assert send(browser, "post", f"{path}/restore").json()["archived_at"] is None


def test_a_list_is_searched_and_has_pages(browser: Client, team: Team) -> None:
    for name in ("Web one", "Cellar", "Web two", "Web three"):
        make_project(team, name)
    first = send(browser, "get", f"{address(team)}?search=web&limit=2").json()
    assert [each["name"] for each in first["items"]] == ["Web one", "Web two"]
    rest = f"{address(team)}?search=web&limit=2&cursor={first['next_cursor']}"
    second = send(browser, "get", rest).json()
    assert [each["name"] for each in second["items"]] == ["Web three"]
    assert second["next_cursor"] is None


def test_a_change_overwrites_nothing_unseen(browser: Client, team: Team) -> None:
    path = address(team, make_project(team).pk)
    version = send(browser, "get", path)["ETag"]
    assert send(browser, "get", path, **{"If-None-Match": version}).status_code == 304
    changed = send(browser, "patch", path, {"name": "Shop"}, **{"If-Match": version})
    assert changed.status_code == 200
    late = send(browser, "patch", path, {"name": "Cellar"}, **{"If-Match": version})
    assert late.status_code == 412
    assert send(browser, "get", path)["ETag"] == changed["ETag"] != version
    assert Project.across_teams.get().name == "Shop"


def test_a_repeated_request_makes_one_project(browser: Client, team: Team) -> None:
    key = {"Idempotency-Key": "once"}
    first = send(browser, "post", address(team), {"name": "Website"}, **key)
    again = send(browser, "post", address(team), {"name": "Website"}, **key)
    assert (again.json(), again["ETag"]) == (first.json(), first["ETag"])
    assert Project.across_teams.count() == 1


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x", "team_id": 1}, {"name": "\n"}])
def test_what_is_not_offered_is_not_written(
    body: dict[str, Any], browser: Client, team: Team
) -> None:
    answer = send(browser, "post", address(team), body)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert not Project.across_teams.exists()


def test_the_rows_of_another_team_do_not_exist(browser: Client, team: Team, others: Team) -> None:
    secret = make_project(others).pk
    for where in (team, others):
        path = address(where, secret)
        assert send(browser, "get", path).status_code == 404
        assert send(browser, "patch", path, {"name": "Mine"}).status_code == 404
        assert send(browser, "post", f"{path}/archive").status_code == 404
    assert send(browser, "get", address(others)).status_code == 404
    assert send(browser, "post", address(others), {"name": "Mine"}).status_code == 404
    assert Project.across_teams.get().name == "Website"


def test_an_export_is_asked_for_once_a_minute(browser: Client, ann: User, team: Team) -> None:
    for _ in range(2):
        assert send(browser, "post", address(team, "export")).status_code == 202
    assert Message.objects.get().payload == {"user_id": ann.pk}
