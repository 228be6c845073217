"""The table of roles says what it should, and nobody gains by a rule that is not in it."""

import pytest

from core.problems import Problem
from core.teams import roles
from core.teams.roles import Action, Role, Scope, may
from core.teams.rules import (
    OwnedTeam,
    check_account_may_go,
    check_bound,
    check_invitation,
    check_not_personal,
    check_owner_stays,
    check_removal,
    check_role_change,
    check_seat,
    could_invite,
    personal_team_name,
    require,
)

ACTIONS = [each for each in vars(roles).values() if isinstance(each, Action)]


def test_more_is_never_less() -> None:
    assert len(ACTIONS) >= 14
    for action in ACTIONS:
        assert may({Role.OWNER}, action), action
        if may({Role.MEMBER}, action):
            assert may({Role.ADMIN}, action), action


def test_keys_touch_neither_people_nor_keys() -> None:
    for action in (
        roles.INVITE,
        roles.CHANGE_ROLES,
        roles.REMOVE_MEMBERS,
        roles.TRANSFER_OWNERSHIP,
        roles.DELETE_TEAM,
        roles.MANAGE_API_KEYS,
        roles.MANAGE_WEBHOOKS,
    ):
        assert not may({Scope.READ, Scope.WRITE}, action), action


def test_keys_see_webhooks_and_send_again_but_let_nobody_read_along() -> None:
    assert may({Scope.READ}, roles.VIEW_WEBHOOKS)
    assert not may({Scope.READ}, roles.RESEND_WEBHOOKS)
    assert may({Scope.WRITE}, roles.RESEND_WEBHOOKS)
    assert not may({Scope.WRITE}, roles.VIEW_WEBHOOKS)
    for action in (roles.VIEW_WEBHOOKS, roles.RESEND_WEBHOOKS, roles.MANAGE_WEBHOOKS):
        assert not may({Role.MEMBER}, action)


def test_nothing_granted_allows_nothing() -> None:
    for action in ACTIONS:
        assert not may((), action)
        with pytest.raises(Problem) as refused:
            require((), action)
        assert refused.value.status == 403
        assert action.name in refused.value.sentence


@pytest.mark.parametrize("former", Role)
@pytest.mark.parametrize("new", Role)
def test_only_an_owner_makes_or_changes_an_owner(former: Role, new: Role) -> None:
    check_role_change(Role.OWNER, former, new)
    if Role.OWNER in (former, new):
        with pytest.raises(Problem):
            check_role_change(Role.ADMIN, former, new)
    else:
        check_role_change(Role.ADMIN, former, new)


def test_an_admin_removes_no_owner_and_invites_none() -> None:
    check_removal(Role.ADMIN, Role.ADMIN)
    check_invitation(Role.ADMIN, Role.ADMIN, is_personal=False)
    with pytest.raises(Problem):
        check_removal(Role.ADMIN, Role.OWNER)
    with pytest.raises(Problem):
        check_invitation(Role.ADMIN, Role.OWNER, is_personal=False)


@pytest.mark.parametrize("role", Role)
def test_who_could_invite_is_who_may(role: Role) -> None:
    assert could_invite(Role.OWNER, role)
    assert could_invite(Role.ADMIN, role) == (role != Role.OWNER)
    assert not could_invite(Role.MEMBER, role)
    assert not could_invite(None, role)


def test_a_personal_team_stays_personal() -> None:
    with pytest.raises(Problem):
        check_invitation(Role.OWNER, Role.MEMBER, is_personal=True)
    with pytest.raises(Problem):
        check_not_personal(is_personal=True)
    check_not_personal(is_personal=False)


def test_the_last_owner_stays() -> None:
    check_owner_stays(Role.OWNER, None, owners=2)
    check_owner_stays(Role.OWNER, Role.OWNER, owners=1)
    check_owner_stays(Role.ADMIN, None, owners=1)
    for new in (None, Role.ADMIN, Role.MEMBER):
        with pytest.raises(Problem):
            check_owner_stays(Role.OWNER, new, owners=1)


def test_seats_are_counted_to_the_last() -> None:
    check_seat(1_000_000, None)
    check_seat(2, 3)
    for taken in (3, 4):
        with pytest.raises(Problem):
            check_seat(taken, 3)


def test_bounds_are_held_and_named() -> None:
    check_bound(99, 100, "keys")
    with pytest.raises(Problem, match="too many") as refused:
        check_bound(100, 100, "keys")
    assert "100 keys" in refused.value.sentence


def test_an_account_goes_with_the_teams_where_it_is_alone() -> None:
    alone = OwnedTeam(id=1, name="Ann", members=1, owners=1)
    shared = OwnedTeam(id=2, name="Acme", members=3, owners=2)
    orphan = OwnedTeam(id=3, name="Solo Ltd", members=2, owners=1)
    assert check_account_may_go([alone, shared]) == [1]
    with pytest.raises(Problem) as refused:
        check_account_may_go([alone, shared, orphan])
    assert "Solo Ltd" in refused.value.sentence
    assert "Acme" not in refused.value.sentence


def test_a_personal_team_has_a_name() -> None:
    assert personal_team_name("  Ann ", "ann@example.com") == "Ann"
    assert personal_team_name("", "ann@example.com") == "ann"
    assert len(personal_team_name("x" * 150, "ann@example.com")) == 100
