"""What holds when people change a team at the same moment, in transactions of their own."""

import pytest

from core.teams import rules
from core.teams.roles import Role, Scope
from tests.web.conftest import make_user
from tests.web.teams.conftest import join, roles_in
from tests.web.teams.racing import race
from web.accounts.models import User
from web.audit.models import Entry
from web.teams.models import Membership, Team

pytestmark = pytest.mark.django_db(transaction=True)
OWNER, ADMIN, MEMBER = Role


@pytest.fixture
def partner(team: Team) -> User:
    """Another owner."""
    return join(team, "partner@example.com", OWNER)


def membership(team: Team, user: User) -> Membership:
    return Membership.objects.select_related("team", "user").get(team=team, user=user)


def test_of_two_owners_who_leave_at_once_one_stays(team: Team, owner: User, partner: User) -> None:
    outcomes = race(team, membership(team, owner).leave, membership(team, partner).leave)
    assert sorted(outcomes, key=str) == [None, "last-owner"]
    assert list(roles_in(team).values()) == ["owner"]


def test_two_owners_do_not_remove_each_other(team: Team, owner: User, partner: User) -> None:
    first, second = membership(team, owner), membership(team, partner)
    outcomes = race(team, lambda: first.remove(partner), lambda: second.remove(owner))
    # Who was removed first is an outsider when their own turn comes.
    assert sorted(outcomes, key=str) == [None, "not-found"]
    assert list(roles_in(team).values()) == ["owner"]


def test_of_two_owners_whose_accounts_go_at_once_one_stays(
    team: Team, owner: User, partner: User, member: User
) -> None:
    outcomes = race(team, owner.delete, partner.delete)
    assert sorted(outcomes, key=str) == [None, "last-owner"]
    assert sorted(roles_in(team).values()) == ["member", "owner"]


def test_an_account_does_not_go_while_it_joins_another_team(team: Team, owner: User) -> None:
    other = Team.objects.create_for(make_user("bob@example.com"), "Other")

    def join_other() -> None:
        other.memberships.create(user=owner, role=ADMIN)

    assert race(team, owner.delete, meanwhile=join_other) == ["changed"]
    assert roles_in(team) == {"owner@example.com": "owner"}
    owner.delete()
    assert Entry.objects.filter(team_id=other.pk, action="member.left").exists()


def test_an_owner_does_not_leave_while_the_other_steps_down(
    team: Team, owner: User, partner: User
) -> None:
    leaves, steps_down = membership(team, owner), membership(team, partner)
    outcomes = race(team, leaves.leave, lambda: steps_down.change_role(partner, MEMBER))
    assert sorted(outcomes, key=str) == [None, "last-owner"]
    assert list(roles_in(team).values()).count("owner") == 1


def test_the_last_seat_is_taken_once(team: Team, owner: User) -> None:
    invited = [make_user(f"{name}@example.com") for name in ("bob", "carol")]
    invitations = [team.invite(owner, user.email, MEMBER) for user in invited]
    Team.objects.update(seat_limit=2)
    outcomes = race(
        team,
        lambda: invitations[0].accept(invited[0]),
        lambda: invitations[1].accept(invited[1]),
    )
    assert sorted(outcomes, key=str) == [None, "no-seat"]
    assert team.memberships.count() == 2


def test_the_last_seat_is_promised_once(team: Team, owner: User) -> None:
    Team.objects.update(seat_limit=2)
    outcomes = race(
        team,
        lambda: team.invite(owner, "bob@example.com", MEMBER),
        lambda: team.invite(owner, "carol@example.com", MEMBER),
    )
    assert sorted(outcomes, key=str) == [None, "no-seat"]


def test_one_address_that_is_invited_twice_at_once_has_one_invitation(
    team: Team, owner: User, partner: User
) -> None:
    outcomes = race(
        team,
        lambda: team.invite(owner, "bob@example.com", MEMBER),
        lambda: team.invite(partner, "bob@example.com", ADMIN),
    )
    assert outcomes == [None, None]
    assert team.invitations.count() == 1


def test_an_invitation_that_is_accepted_twice_at_once_has_one_effect(
    team: Team, owner: User
) -> None:
    bob = make_user("bob@example.com")
    invitation = team.invite(owner, bob.email, MEMBER)
    outcomes = race(team, lambda: invitation.accept(bob), lambda: invitation.accept(bob))
    assert outcomes == [None, None]
    assert roles_in(team)["bob@example.com"] == "member"
    assert Entry.objects.filter(action="member.joined").count() == 1


def test_an_invitation_is_either_accepted_or_revoked(team: Team, owner: User) -> None:
    bob = make_user("bob@example.com")
    invitation = team.invite(owner, bob.email, MEMBER)
    outcomes = race(team, lambda: invitation.accept(bob), lambda: invitation.revoke(owner))
    assert sorted(outcomes, key=str) == [None, "not-found"]
    assert ("bob@example.com" in roles_in(team)) == (outcomes[0] is None)


def test_a_role_is_not_given_to_who_is_removed(team: Team, owner: User, member: User) -> None:
    first, second = membership(team, member), membership(team, member)
    outcomes = race(team, lambda: first.change_role(owner, ADMIN), lambda: second.remove(owner))
    assert outcomes in ([None, None], ["not-found", None])
    assert "member@example.com" not in roles_in(team)


def test_who_is_removed_makes_no_key_meanwhile(team: Team, owner: User, admin: User) -> None:
    removed = membership(team, admin)
    outcomes = race(
        team,
        lambda: team.make_api_key(admin, "Backdoor", [Scope.WRITE]),
        lambda: removed.remove(owner),
    )
    assert outcomes in ([None, None], ["not-found", None])
    assert team.api_keys.exists() == (outcomes[0] is None)


def test_bounds_hold_when_many_come_at_once(
    owner: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_API_KEYS", 1)
    make = [lambda: team.make_api_key(owner, "Key", [Scope.READ]) for _ in range(3)]
    outcomes = race(team, *make)
    assert sorted(outcomes, key=str) == [None, "too-many", "too-many"]
