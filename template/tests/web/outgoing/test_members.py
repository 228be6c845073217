"""Whoever listens to a team is told when its members come and go."""

from typing import Any

import pytest
from django.db import transaction

from core.audit import AuditAction
from core.outgoing.endpoints import create_endpoint
from core.teams.roles import Role
from web.accounts.models import User
from web.outgoing.models import Delivery, Endpoint, Event
from web.queue import CurrentTransaction
from web.teams.models import Team


@pytest.fixture
def team(user: User) -> Team:
    """A team with an endpoint that wants to know everything."""
    team = Team.objects.all().create_for(user, "Acme")
    create_endpoint(CurrentTransaction().execute, team.pk, url="https://example.com/hook")
    return team


@pytest.fixture
def bob(db: None) -> User:
    """Somebody who is not in the team."""
    return User.objects.create_user("bob@example.com")


def told(team: Team) -> list[tuple[str, Any]]:
    """The types and the data of what it is told, the oldest first."""
    events = Event.objects.filter(team=team).order_by("pk")
    return [(event.type, event.payload["data"]) for event in events]


def test_who_comes_and_goes_is_told(team: Team, bob: User) -> None:
    membership = team.memberships.create(user=bob, role=Role.MEMBER)
    membership.set_role(Role.ADMIN)
    membership.end(AuditAction.MEMBER_REMOVED)
    assert told(team) == [
        ("member.added", {"member": {"user_id": bob.pk, "role": "member"}}),
        ("member.removed", {"member": {"user_id": bob.pk, "role": "admin"}}),
    ]


def test_what_was_rolled_back_is_told_to_nobody(team: Team, bob: User) -> None:
    with transaction.atomic():
        team.memberships.create(user=bob, role=Role.MEMBER)
        transaction.set_rollback(True)
    assert told(team) == []


@pytest.mark.django_db(transaction=True)
def test_a_team_goes_with_all_who_listen(team: Team, user: User, bob: User) -> None:
    team.memberships.create(user=bob, role=Role.MEMBER)
    team.delete_by(user)
    assert not Endpoint.objects.exists()
    assert not Delivery.objects.exists()


def test_whose_account_goes_is_told(team: Team, bob: User) -> None:
    team.memberships.create(user=bob, role=Role.MEMBER)
    number = bob.pk
    bob.delete()
    assert told(team)[1:] == [("member.removed", {"member": {"user_id": number, "role": "member"}})]
