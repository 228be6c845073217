"""The keys of a team."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.problems import Problem
from core.teams.roles import Scope
from web.accounts.models import User
from web.audit.models import Entry
from web.teams.models import ApiKey, Team


def test_a_key_opens_its_team_until_it_is_revoked(team: Team, owner: User) -> None:
    text, key = team.make_api_key(owner, "Deployment", [Scope.WRITE, Scope.READ])
    found = ApiKey.objects.for_bearer(text)
    assert found
    assert (found, found.team, found.scopes) == (key, team, ["read", "write"])
    assert text.startswith(key.prefix)
    assert text not in str(ApiKey.objects.filter(pk=key.pk).values())
    key.revoke(owner)
    assert ApiKey.objects.for_bearer(text) is None
    with pytest.raises(Problem):
        key.revoke(owner)


def test_a_key_opens_nothing_when_it_has_expired(team: Team, owner: User) -> None:
    moment = timezone.now() + timedelta(days=1)
    text, key = team.make_api_key(owner, "Deployment", [Scope.READ], moment)
    assert ApiKey.objects.for_bearer(text) == key
    ApiKey.objects.update(expires_at=timezone.now())
    assert ApiKey.objects.for_bearer(text) is None


def test_members_have_no_keys(team: Team, owner: User, member: User, outsider: User) -> None:
    _, key = team.make_api_key(owner, "Deployment", [Scope.READ])
    for person, status in ((member, 403), (outsider, 404)):
        with pytest.raises(Problem) as refusal:
            team.make_api_key(person, "Mine", [Scope.READ])
        assert refusal.value.status == status
        with pytest.raises(Problem) as refusal:
            key.revoke(person)
        assert refusal.value.status == status


def test_the_last_use_is_noted_once_a_minute(team: Team, owner: User) -> None:
    text, _ = team.make_api_key(owner, "Deployment", [Scope.READ])

    def use() -> object:
        key = ApiKey.objects.for_bearer(text)
        assert key
        key.mark_used()
        key.refresh_from_db()
        return key.last_used_at

    first = use()
    assert first is not None
    assert use() == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    assert use() != first


def test_keys_are_in_the_audit_log_without_their_text(team: Team, owner: User) -> None:
    text, key = team.make_api_key(owner, "Deployment", [Scope.READ])
    key.revoke(owner)
    for action in ("api_key.created", "api_key.revoked"):
        entry = Entry.objects.get(action=action)
        assert entry.target_id == key.pk
        assert text not in str(entry.details)
