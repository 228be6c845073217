"""What becomes of teams when an account goes."""

import pytest
from django.db import transaction

from core.problems import Problem
from core.teams.roles import Role
from tests.web.teams.conftest import join, roles_in
from web.accounts.models import User
from web.audit.models import Entry
from web.teams.accounts import teams_of_account
from web.teams.models import Team


def test_an_account_goes_with_the_teams_where_it_is_alone(team: Team, owner: User) -> None:
    owner.delete()
    assert not Team.objects.exists()
    assert Entry.objects.filter(action="team.deleted").count() == 2


def test_a_team_with_others_keeps_an_account_from_going(
    team: Team, owner: User, member: User
) -> None:
    with pytest.raises(Problem) as refusal, transaction.atomic():
        owner.delete()
    assert refusal.value.kind == "last-owner"
    assert "Acme" in refusal.value.sentence
    assert roles_in(team) == {"owner@example.com": "owner", "member@example.com": "member"}
    assert Team.objects.filter(personal_user=owner).exists()
    with pytest.raises(Problem), transaction.atomic():
        User.objects.filter(pk=owner.pk).delete()
    join(team, "second@example.com", Role.OWNER)
    owner.delete()
    assert roles_in(team) == {"member@example.com": "member", "second@example.com": "owner"}
    assert Entry.objects.filter(team_id=team.pk, action="member.left").count() == 1


def test_the_page_that_deletes_an_account_can_say_what_goes(
    team: Team, owner: User, member: User
) -> None:
    owned = {each.name: (each.members, each.owners) for each in teams_of_account(owner)}
    assert owned == {"Acme": (2, 1), "Olive": (1, 1)}
    assert [each.name for each in teams_of_account(member)] == ["member"]
