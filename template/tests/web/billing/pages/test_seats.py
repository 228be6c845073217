"""Whenever somebody joins or goes, the worker looks at the seats; who finds none free is told how
to get more.
"""

import pytest
from django.urls import reverse

from core.billing.catalog import CATALOG
from core.billing.seats import has_room
from core.billing.tasks import SyncSeats
from core.teams.roles import Role
from tests.web.billing.pages.conftest import browser_of
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


SEATS = CATALOG.free.seat_limit
LARGER = [plan for plan in CATALOG.plans if SEATS is not None and has_room(plan, SEATS)]


@pytest.mark.skipif(not LARGER, reason="no plan has more seats than the free one")
def test_who_finds_no_seat_free_is_led_to_the_plans(team: Team, owner: User) -> None:
    for number in range(team.memberships.count(), SEATS or 0):
        user = make_user(f"{number}@example.com")
        Membership.objects.create(team=team, user=user, role=Role.MEMBER)
    browser = browser_of(owner, team)
    form = {"email": "new@example.com", "role": "member"}
    answer = browser.post(reverse("invite", args=[team.pk]), form)
    assert answer.status_code == 402
    page = answer.content.decode()
    for plan in LARGER:
        assert f'<strong class="wrap-anywhere">{plan.name}</strong>' in page
    assert reverse("pricing") in page
    assert reverse("billing", args=[team.pk]) in page
    assert not team.invitations.exists()
    # What staff have set is no matter of plans: the team's page says so.
    Team.objects.update(seat_limit=SEATS)
    answer = browser.post(reverse("invite", args=[team.pk]), form, follow=True)
    assert answer.status_code == 200
    assert f"This team has {SEATS} seats." in answer.content.decode()
