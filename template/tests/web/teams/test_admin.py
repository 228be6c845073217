"""Staff change teams by the rules, and what they change is written down."""

import pytest
from django.test import Client
from django.urls import reverse

from core.problems import not_found
from core.teams.roles import Role, Scope
from core.tokens import digest
from tests.web.teams.conftest import join, roles_in
from web.accounts.models import User
from web.audit.models import Entry
from web.teams.models import ApiKey, Membership, Team


@pytest.fixture
def desk(staff: User) -> Client:
    desk = Client()
    desk.force_login(staff)
    return desk


def deletes(desk: Client, app: str, model: str, pk: int) -> str:
    address = reverse(f"admin:{app}_{model}_delete", args=[pk])
    return str(desk.post(address, {"post": "yes"}, follow=True).content.decode())


def test_seats_and_names_are_changed_and_noted(desk: Client, team: Team, staff: User) -> None:
    form = {"name": "New", "seat_limit": "5"}
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    desk.post(reverse("admin:teams_team_change", args=[team.pk]), form | inline)
    team.refresh_from_db()
    assert (team.name, team.seat_limit) == ("New", 5)
    seats = Entry.objects.get(action="team.seat_limit_changed")
    assert (seats.team_id, seats.actor_id, seats.details) == (
        team.pk,
        staff.pk,
        {"former": None, "new": 5},
    )
    assert Entry.objects.filter(action="team.renamed", actor_id=staff.pk).exists()


def test_the_only_owner_stays_one(desk: Client, team: Team, owner: User, member: User) -> None:
    only = Membership.objects.get(team=team, user=owner)
    address = reverse("admin:teams_membership_change", args=[only.pk])
    response = desk.post(address, {"role": "member"}, follow=True)
    assert "This is the only owner." in response.content.decode()
    assert "This is the only owner." in deletes(desk, "teams", "membership", only.pk)
    both = list(Membership.objects.filter(team=team).values_list("pk", flat=True))
    action = {"action": "delete_selected", "_selected_action": both, "post": "yes"}
    response = desk.post(reverse("admin:teams_membership_changelist"), action, follow=True)
    assert "This is the only owner." in response.content.decode()
    assert roles_in(team) == {"owner@example.com": "owner", "member@example.com": "member"}


def test_roles_are_changed_and_members_removed(desk: Client, team: Team, member: User) -> None:
    membership = Membership.objects.get(team=team, user=member)
    address = reverse("admin:teams_membership_change", args=[membership.pk])
    desk.post(address, {"role": "admin"})
    assert roles_in(team)["member@example.com"] == "admin"
    deletes(desk, "teams", "membership", membership.pk)
    assert "member@example.com" not in roles_in(team)
    actions = set(Entry.objects.filter(team_id=team.pk).values_list("action", flat=True))
    assert actions >= {"member.role_changed", "member.removed"}


def test_an_account_whose_team_would_lose_its_owner_stays(
    desk: Client, team: Team, owner: User, member: User
) -> None:
    assert "Acme" in deletes(desk, "accounts", "user", owner.pk)
    selected = {"action": "delete_selected", "_selected_action": [owner.pk, member.pk]}
    desk.post(reverse("admin:accounts_user_changelist"), selected | {"post": "yes"})
    assert roles_in(team) == {"owner@example.com": "owner", "member@example.com": "member"}
    join(team, "second@example.com", Role.OWNER)
    deletes(desk, "accounts", "user", owner.pk)
    assert set(roles_in(team)) == {"member@example.com", "second@example.com"}


def test_teams_are_deleted_but_personal_ones(desk: Client, team: Team, owner: User) -> None:
    team.make_api_key(owner, "Deployment", [Scope.READ])
    both = [team.pk, owner.personal_team.pk]
    action = {"action": "delete_selected", "_selected_action": both, "post": "yes"}
    desk.post(reverse("admin:teams_team_changelist"), action)
    deletes(desk, "teams", "team", both[1])
    assert Team.objects.filter(pk__in=both).count() == 2
    deletes(desk, "teams", "team", both[0])
    assert list(Team.objects.filter(pk__in=both)) == [owner.personal_team]
    assert Entry.objects.get(action="team.deleted").team_id == both[0]


def test_keys_and_invitations_are_revoked_and_their_secrets_not_shown(
    desk: Client, team: Team, owner: User
) -> None:
    text, key = team.make_api_key(owner, "Deployment", [Scope.READ])
    invitation = team.invite(owner, "bob@example.com", Role.MEMBER)
    token = invitation.make_token()
    for model, row, secret in (("apikey", key, text), ("invitation", invitation, token)):
        page = desk.get(reverse(f"admin:teams_{model}_change", args=[row.pk])).content.decode()
        assert digest(secret) not in page
        action = {"action": "revoke", "_selected_action": [row.pk]}
        desk.post(reverse(f"admin:teams_{model}_changelist"), action)
        assert deletes(desk, "teams", model, row.pk)
    assert ApiKey.objects.for_bearer(text) is None
    assert not team.invitations.open().exists()
    assert ApiKey.objects.filter(pk=key.pk).exists()


def test_of_many_only_what_is_open_or_alive_is_revoked(
    desk: Client, team: Team, owner: User
) -> None:
    invitations = [team.invite(owner, f"{n}@example.com", Role.MEMBER) for n in range(2)]
    keys = [team.make_api_key(owner, f"Key {n}", [Scope.READ])[1] for n in range(2)]
    invitations[1].revoke(owner)
    keys[1].revoke(owner)
    for model, rows in (("invitation", invitations), ("apikey", keys)):
        chosen = {"action": "revoke", "_selected_action": [row.pk for row in rows]}
        desk.post(reverse(f"admin:teams_{model}_changelist"), chosen)
    assert not team.invitations.open().exists()
    assert not team.api_keys.alive().exists()
    for action in ("invitation.revoked", "api_key.revoked"):
        assert Entry.objects.filter(action=action).count() == 2


def test_a_refusal_in_the_middle_undoes_the_whole_action(
    desk: Client, team: Team, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [team.make_api_key(owner, name, [Scope.READ])[1] for name in ("One", "Two")]
    end = ApiKey.end

    def refuse_the_second(key: ApiKey) -> None:
        if key.name == "Two":
            raise not_found("API key")
        end(key)

    monkeypatch.setattr(ApiKey, "end", refuse_the_second)
    chosen = {"action": "revoke", "_selected_action": [key.pk for key in keys]}
    desk.post(reverse("admin:teams_apikey_changelist"), chosen)
    assert team.api_keys.alive().count() == 2
    assert not Entry.objects.filter(action="api_key.revoked").exists()


def test_what_staff_change_of_a_user_is_noted(desk: Client, staff: User, owner: User) -> None:
    form = {"name": "New", "is_active": "on"}
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    desk.post(reverse("admin:accounts_user_change", args=[owner.pk]), form | inline)
    entry = Entry.objects.get(action="staff.user_changed")
    assert (entry.actor_id, entry.target_id) == (staff.pk, owner.pk)
    assert entry.details == {"changed": ["name"]}


def test_the_audit_log_is_for_reading(desk: Client, team: Team) -> None:
    entry = Entry.objects.get(action="team.created")
    assert desk.get(reverse("admin:audit_entry_change", args=[entry.pk])).status_code == 200
    assert desk.get(reverse("admin:audit_entry_add")).status_code == 403
    assert desk.post(reverse("admin:audit_entry_delete", args=[entry.pk])).status_code == 403
