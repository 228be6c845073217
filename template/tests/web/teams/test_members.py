"""Who may change what about the members of a team."""

from collections.abc import Callable

import pytest

from core.problems import Problem
from core.teams import rules
from core.teams.roles import Role
from tests.web.teams.conftest import join, roles_in
from web.accounts.models import User
from web.audit.models import Entry
from web.audit.sentences import told
from web.teams.models import Membership, Team

OWNER, ADMIN, MEMBER = Role


def membership(team: Team, user: User) -> Membership:
    return Membership.objects.get(team=team, user=user)


def test_who_makes_a_team_owns_it(team: Team, owner: User) -> None:
    assert roles_in(team) == {"owner@example.com": "owner"}
    assert Team.objects.of(owner).get(pk=team.pk).role == "owner"
    assert Entry.objects.get(action="team.created").team_id == team.pk


def test_nobody_owns_endless_teams(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    # The personal team is one of them.
    monkeypatch.setattr(rules, "MOST_TEAMS", 2)
    Team.objects.create_for(owner, "One")
    with pytest.raises(Problem, match="too many"):
        Team.objects.create_for(owner, "Two")


def test_outsiders_see_no_team(team: Team, outsider: User) -> None:
    assert not Team.objects.of(outsider).filter(pk=team.pk).exists()
    with pytest.raises(Problem) as refusal:
        team.rename(outsider, "Mine")
    assert refusal.value.status == 404


@pytest.mark.parametrize(
    ("by", "former", "new", "allowed"),
    [
        (OWNER, MEMBER, OWNER, True),
        (OWNER, MEMBER, ADMIN, True),
        (OWNER, ADMIN, MEMBER, True),
        (OWNER, OWNER, MEMBER, True),
        (ADMIN, MEMBER, ADMIN, True),
        (ADMIN, ADMIN, MEMBER, True),
        (ADMIN, MEMBER, OWNER, False),
        (ADMIN, OWNER, MEMBER, False),
        (MEMBER, MEMBER, ADMIN, False),
        (MEMBER, ADMIN, MEMBER, False),
    ],
)
def test_roles_are_changed_by_those_who_may(
    team: Team, by: Role, former: Role, new: Role, allowed: bool
) -> None:
    changer = join(team, "changer@example.com", by)
    changed = join(team, "changed@example.com", former)
    if allowed:
        membership(team, changed).change_role(changer, new)
    else:
        with pytest.raises(Problem) as refusal:
            membership(team, changed).change_role(changer, new)
        assert refusal.value.status == 403
    assert roles_in(team)["changed@example.com"] == (new if allowed else former)


def test_an_admin_cannot_make_themselves_an_owner(team: Team, admin: User) -> None:
    with pytest.raises(Problem, match="may not"):
        membership(team, admin).change_role(admin, OWNER)


def test_a_role_that_was_lost_meanwhile_allows_nothing(
    team: Team, owner: User, admin: User, member: User
) -> None:
    stale = membership(team, member)
    membership(team, admin).change_role(owner, MEMBER)
    with pytest.raises(Problem, match="may not"):
        stale.remove(admin)


@pytest.mark.parametrize(
    ("by", "removed", "allowed"),
    [
        (OWNER, OWNER, True),
        (OWNER, MEMBER, True),
        (ADMIN, MEMBER, True),
        (ADMIN, ADMIN, True),
        (ADMIN, OWNER, False),
        (MEMBER, MEMBER, False),
    ],
)
def test_members_are_removed_by_those_who_may(
    team: Team, by: Role, removed: Role, allowed: bool
) -> None:
    remover = join(team, "remover@example.com", by)
    target = join(team, "target@example.com", removed)
    if allowed:
        membership(team, target).remove(remover)
    else:
        with pytest.raises(Problem) as refusal:
            membership(team, target).remove(remover)
        assert refusal.value.status == 403
    assert ("target@example.com" in roles_in(team)) is not allowed


def test_the_only_owner_neither_leaves_nor_steps_down(team: Team, owner: User, admin: User) -> None:
    only = membership(team, owner)
    for attempt in (
        only.leave,
        lambda: only.remove(owner),
        lambda: only.change_role(owner, MEMBER),
    ):
        with pytest.raises(Problem) as refusal:
            attempt()
        assert refusal.value.kind == "last-owner"
    assert roles_in(team)["owner@example.com"] == "owner"


def test_ownership_is_handed_over_at_once(team: Team, owner: User, member: User) -> None:
    assert team.transfer(owner, member).role == OWNER
    assert roles_in(team) == {"owner@example.com": "admin", "member@example.com": "owner"}
    membership(team, owner).leave()
    entry = Entry.objects.get(action="team.ownership_transferred")
    assert entry.details == {"former": owner.pk, "new": member.pk}


@pytest.mark.parametrize("how", ["removed", "left", "demoted", "gone"])
def test_who_may_invite_no_more_has_invited_nobody(
    how: str, team: Team, owner: User, admin: User
) -> None:
    team.invite(owner, "stays@example.com", MEMBER)
    sent = team.invite(admin, "ends@example.com", MEMBER)
    changes: dict[str, Callable[[], object]] = {
        "removed": lambda: membership(team, admin).remove(owner),
        "left": membership(team, admin).leave,
        "demoted": lambda: membership(team, admin).change_role(owner, MEMBER),
        "gone": admin.delete,
    }
    changes[how]()
    assert [each.email for each in team.invitations.open()] == ["stays@example.com"]
    assert Entry.objects.get(action="invitation.revoked").target_id == sent.pk


@pytest.mark.parametrize("how", ["demoted", "transferred"])
def test_an_owner_no_more_has_invited_no_owner(how: str, team: Team, owner: User) -> None:
    partner = join(team, "partner@example.com", OWNER)
    team.invite(partner, "owner2@example.com", OWNER)
    team.invite(partner, "admin2@example.com", ADMIN)
    if how == "demoted":
        membership(team, partner).change_role(owner, ADMIN)
    else:
        team.transfer(partner, owner)
    assert [each.email for each in team.invitations.open()] == ["admin2@example.com"]


def test_ownership_goes_to_members_alone(
    team: Team, owner: User, admin: User, outsider: User
) -> None:
    for to, kind in ((outsider, "not-found"), (owner, "same-owner")):
        with pytest.raises(Problem) as refusal:
            team.transfer(owner, to)
        assert refusal.value.kind == kind
    with pytest.raises(Problem) as refusal:
        team.transfer(admin, admin)
    assert refusal.value.status == 403


def test_a_team_is_deleted_by_its_owner_and_its_history_stays(
    team: Team, owner: User, admin: User
) -> None:
    with pytest.raises(Problem, match="may not"):
        team.delete_by(admin)
    number = team.pk
    team.delete_by(owner)
    assert not Team.objects.filter(pk=number).exists()
    assert Entry.objects.filter(team_id=number, action="team.deleted").exists()


def test_the_log_keeps_no_name_of_a_person(owner: User) -> None:
    personal = owner.personal_team
    personal.rename(owner, "Olive Twist")
    owner.delete()
    entries = Entry.objects.filter(team_id=personal.pk)
    assert [(each.action, each.details) for each in entries.order_by("pk")] == [
        ("team.renamed", {"personal": True}),
        ("team.deleted", {"personal": True}),
    ]
    assert [event.what for event in told(entries)] == [
        "deleted the personal team",
        "renamed the personal team",
    ]


def test_a_personal_team_stays_with_its_person(owner: User, outsider: User) -> None:
    personal = owner.personal_team
    for attempt in (
        lambda: personal.delete_by(owner),
        lambda: personal.transfer(owner, owner),
        lambda: personal.invite(owner, "bob@example.com", MEMBER),
        membership(personal, owner).leave,
    ):
        with pytest.raises(Problem) as refusal:
            attempt()
        assert refusal.value.kind == "personal-team"


def test_each_change_is_in_the_audit_log_and_a_refused_one_is_not(
    team: Team, owner: User, admin: User, member: User
) -> None:
    with pytest.raises(Problem):
        membership(team, owner).remove(admin)
    membership(team, member).change_role(admin, ADMIN)
    membership(team, member).change_role(admin, ADMIN)
    membership(team, member).leave()
    actions = Entry.objects.filter(team_id=team.pk).order_by("id").values_list("action", "details")
    assert list(actions)[1:] == [
        ("member.role_changed", {"former": "member", "new": "admin"}),
        ("member.left", {"role": "admin"}),
    ]
