"""Whenever somebody joins or goes, the worker is asked to look at the seats."""

from core.billing.tasks import SyncSeats
from core.teams.roles import Role
from tests.web.conftest import make_user
from tests.web.plan import give_everything
from web.accounts.models import User
from web.outbox.models import Message
from web.teams.models import Membership, Team


def asked(team: Team) -> int:
    """How often the seats of the team were to be looked at."""
    tasks = Message.objects.filter(task=SyncSeats.name)
    return tasks.filter(payload={"team_id": team.pk}).count()


def test_whoever_joins_or_goes_changes_the_seats(team: Team, owner: User) -> None:
    give_everything(team)
    member = make_user("new@example.com")
    membership = Membership.objects.create(team=team, user=member, role=Role.MEMBER)
    assert asked(team) == 1
    membership.change_role(owner, Role.ADMIN)
    assert asked(team) == 1
    membership.remove(owner)
    assert asked(team) == 2


def test_whose_account_goes_leaves_a_seat(team: Team, member: User) -> None:
    give_everything(team)
    member.delete()
    assert asked(team)


def test_a_team_that_never_paid_has_no_seats_to_look_at(team: Team, member: User) -> None:
    assert not Message.objects.filter(task=SyncSeats.name).exists()
