"""A program calls with a key of its team."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.teams.roles import Scope
from tests.web.api.conftest import Caller
from web.accounts.models import User
from web.audit.models import Entry
from web.teams.models import ApiKey, Team


def test_a_key_sees_its_one_team(key: Caller, team: Team) -> None:
    (shown,) = key("GET", "/teams").json()["items"]
    assert (shown["id"], shown["role"]) == (team.pk, None)
    assert key("GET", "/me").json()["type"] == "urn:problem:person-required"


def test_what_is_over_opens_nothing(team: Team, owner: User) -> None:
    text, row = team.make_api_key(owner, "Old", list(Scope))
    assert Caller(text)("GET", "/teams").status_code == 200
    row.expires_at = timezone.now() - timedelta(seconds=1)
    row.save()
    assert Caller(text)("GET", "/teams").status_code == 401
    row.expires_at = None
    row.save()
    row.revoke(owner)
    assert Caller(text)("GET", "/teams").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_the_use_of_a_key_is_noted_once_a_minute(key: Caller) -> None:
    assert key("GET", "/teams").status_code == 200
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    assert key("GET", "/teams").status_code == 200
    assert ApiKey.objects.get().last_used_at == first
    earlier = first - timedelta(minutes=2)
    ApiKey.objects.update(last_used_at=earlier)
    key("GET", "/teams")
    assert ApiKey.objects.get().last_used_at != earlier


def test_the_audit_log_says_who_called_and_from_where(call: Caller, team: Team) -> None:
    call("PATCH", f"/teams/{team.pk}", {"name": "New"})
    entry = Entry.objects.get(action="team.renamed")
    assert (entry.actor_kind, entry.actor_id) == ("user", team.members.get().pk)
    assert entry.ip_address == "127.0.0.1"
    newest = call("GET", f"/teams/{team.pk}/audit-log").json()["items"][0]
    assert (newest["action"], newest["actor"]) == ("team.renamed", "Olive")
    assert newest["details"] == {"former": "Acme", "new": "New"}
