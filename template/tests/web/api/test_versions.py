"""ETags spare a body, and keep a change from overwriting another."""

from tests.web.api.conftest import Caller
from web.teams.models import Team


def test_what_is_unchanged_is_not_sent_again(call: Caller, team: Team) -> None:
    path = f"/teams/{team.pk}"
    version = call("GET", path)["ETag"]
    again = call("GET", path, If_None_Match=version)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", version)
    team.rename(team.members.get(), "New")
    changed = call("GET", path, If_None_Match=version)
    assert (changed.status_code, changed.json()["name"]) == (200, "New")
    assert changed["ETag"] != version


def test_a_change_of_what_has_changed_is_refused(call: Caller, team: Team) -> None:
    path = f"/teams/{team.pk}"
    version = call("GET", path)["ETag"]
    first = call("PATCH", path, {"name": "First"}, If_Match=version)
    assert first.status_code == 200
    assert first["ETag"] == call("GET", path)["ETag"]
    second = call("PATCH", path, {"name": "Second"}, If_Match=version)
    assert (second.status_code, second.json()["type"]) == (412, "urn:problem:changed-meanwhile")
    assert call("GET", path).json()["name"] == "First"
    assert call("PATCH", path, {"name": "Third"}, If_Match=first["ETag"]).status_code == 200
