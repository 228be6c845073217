"""Whatever people try in whatever order, a team stays whole."""

from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.problems import Problem
from core.teams.roles import Role
from tests.web.conftest import make_user
from web.accounts.models import User
from web.audit.models import Entry
from web.teams.models import Membership, Team

PEOPLE = 4
people = st.integers(0, PEOPLE - 1)
EXPECTED = (403, 404, 409)


@dataclass(frozen=True)
class Attempt:
    """Somebody tries something, perhaps with somebody else."""

    what: str
    by: int
    to: int
    role: Role
    seats: int | None


attempts = st.builds(
    Attempt,
    what=st.sampled_from(
        ["invite", "accept", "decline", "revoke", "role", "remove", "leave", "transfer", "go"]
    ),
    by=people,
    to=people,
    role=st.sampled_from(Role),
    seats=st.none() | st.integers(1, 3),
)


@pytest.fixture
def everybody(db: None) -> list[User]:
    """The people who try."""
    return [make_user(f"{number}@example.com") for number in range(PEOPLE)]


def carry_out(attempt: Attempt, team: Team, everybody: list[User]) -> None:
    """Do it, as far as the rules allow."""
    by, to = everybody[attempt.by], everybody[attempt.to]
    membership = team.memberships.filter(user=to).first() or Membership(pk=0, team=team, user=to)
    invitation = team.invitations.open().filter(email=to.email).first()
    match attempt.what:
        case "invite":
            team.invite(by, to.email, attempt.role)
        case "role":
            membership.change_role(by, attempt.role)
        case "remove":
            membership.remove(by)
        case "leave":
            membership.leave()
        case "transfer":
            team.transfer(by, to)
        case "go" if User.objects.filter(pk=to.pk).exists():
            User.objects.get(pk=to.pk).delete()
        case "accept" if invitation:
            invitation.accept(by)
        case "decline" if invitation:
            invitation.decline(by)
        case "revoke" if invitation:
            invitation.revoke(by)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(life=st.lists(attempts, max_size=25))
def test_a_team_stays_whole_whatever_people_try(everybody: list[User], life: list[Attempt]) -> None:
    with transaction.atomic():
        team = Team.objects.create_for(everybody[0], "Acme")
        team.memberships.create(user=everybody[1], role=Role.OWNER)
        for attempt in life:
            before = snapshot(team)
            Team.objects.filter(pk=team.pk).update(seat_limit=attempt.seats)
            try:
                with transaction.atomic():
                    carry_out(attempt, team, everybody)
            except Problem as problem:
                check_refusal(problem, team, before)
            if not Team.objects.filter(pk=team.pk).exists():
                # It went with the account of the last one in it.
                assert len(before.members) == 1
                break
            check(team, before, attempt)
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Snapshot:
    """All that a refused change must leave as it was."""

    members: dict[int, str]
    invitations: dict[int, tuple[str, str]]
    entries: int


def snapshot(team: Team) -> Snapshot:
    """The team as it is."""
    return Snapshot(
        members=dict(team.memberships.values_list("user", "role")),
        invitations={
            number: (email, role)
            for number, email, role in team.invitations.open().values_list("pk", "email", "role")
        },
        entries=Entry.objects.count(),
    )


def check_refusal(problem: Problem, team: Team, before: Snapshot) -> None:
    """A refused change says why, and changes nothing."""
    assert problem.status in EXPECTED
    assert snapshot(team) == before


def check(team: Team, before: Snapshot, attempt: Attempt) -> None:
    """What is true of every team, after every change."""
    now = snapshot(team)
    assert Role.OWNER in now.members.values()
    assert team.memberships.count() == len(now.members)
    addresses = [email for email, _ in now.invitations.values()]
    assert len(addresses) == len(set(addresses))
    if len(now.members) > len(before.members) and attempt.seats is not None:
        assert len(now.members) <= attempt.seats
    if len(now.invitations) > len(before.invitations) and attempt.seats is not None:
        assert len(now.members) + len(now.invitations) <= attempt.seats
    if now.members != before.members or now.invitations != before.invitations:
        assert now.entries > before.entries
