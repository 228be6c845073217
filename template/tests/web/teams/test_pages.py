"""The pages of teams: who sees them, and what they let people change."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from core.teams.roles import Role, Scope
from tests.web.teams.conftest import join, roles_in
from web.accounts.models import User
from web.teams.models import ApiKey, Team


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def page_of(team: Team, browser: Client, name: str = "team") -> str:
    response = browser.get(reverse(name, args=[team.pk]))
    assert response.status_code == 200
    return str(response.content.decode())


def test_people_make_a_team_and_work_for_it_at_once(owner: User) -> None:
    browser = browser_of(owner)
    response = browser.post(reverse("teams"), {"name": "Initech"}, follow=True)
    team = Team.objects.get(name="Initech")
    assert response.redirect_chain == [(reverse("team", args=[team.pk]), 302)]
    assert 'aria-label="Team: Initech"' in browser.get(reverse("teams")).content.decode()


@pytest.mark.parametrize("name", ["", "x" * 101, "a\u202eb"])
def test_a_bad_name_is_refused_beside_its_field(team: Team, owner: User, name: str) -> None:
    browser = browser_of(owner)
    for address in (reverse("teams"), reverse("rename_team", args=[team.pk])):
        response = browser.post(address, {"name": name})
        assert response.status_code == 200
        assert 'class="errorlist"' in response.content.decode()
    assert set(Team.objects.of(owner).values_list("name", flat=True)) == {"Acme", "Olive"}


def test_people_switch_between_their_teams_alone(team: Team, owner: User, outsider: User) -> None:
    browser, stranger = browser_of(owner), browser_of(outsider)
    assert browser.post(reverse("switch_team"), {"team_id": team.pk}).status_code == 302
    assert 'aria-label="Team: Acme"' in browser.get(reverse("teams")).content.decode()
    for wrong in (team.pk, "", "x", "9" * 30):
        assert stranger.post(reverse("switch_team"), {"team_id": wrong}).status_code == 404


def test_who_is_removed_works_for_their_personal_team_from_then_on(
    team: Team, owner: User, member: User
) -> None:
    browser = browser_of(member)
    browser.post(reverse("switch_team"), {"team_id": team.pk})
    browser_of(owner).post(reverse("remove_member", args=[team.pk, member.pk]))
    assert browser.get(reverse("team", args=[team.pk])).status_code == 404
    assert 'aria-label="Team: member"' in browser.get(reverse("teams")).content.decode()


def test_members_see_the_others_and_nothing_to_change(team: Team, member: User) -> None:
    page = page_of(team, browser_of(member))
    assert "owner@example.com" in page
    for forbidden in ("Rename", "Remove", "Invite", "Transfer", "Delete the team"):
        assert f">{forbidden}" not in page
    assert "Leave the team" in page


def test_an_admin_is_not_offered_to_change_an_owner(team: Team, owner: User, admin: User) -> None:
    page = page_of(team, browser_of(admin))
    assert reverse("change_role", args=[team.pk, owner.pk]) not in page
    assert 'value="owner"' not in page


def test_names_are_shown_and_not_run(team: Team, owner: User) -> None:
    owner.name = "<script>1</script>"
    owner.save()
    team.rename(owner, "<script>2</script>")
    browser = browser_of(owner)
    browser.post(reverse("switch_team"), {"team_id": team.pk})
    for name in ("team", "team_api_keys", "team_audit_log"):
        assert "<script>" not in page_of(team, browser, name)


def test_changes_need_a_post(team: Team, owner: User, member: User) -> None:
    browser = browser_of(owner)
    addresses = [
        reverse(name, args=[team.pk])
        for name in ("rename_team", "transfer_team", "delete_team", "leave_team", "invite")
    ]
    addresses.append(reverse("switch_team"))
    addresses += [
        reverse(name, args=[team.pk, member.pk]) for name in ("change_role", "remove_member")
    ]
    for address in addresses:
        assert browser.get(address).status_code == 405


def test_what_the_rules_refuse_is_said_on_the_page(team: Team, owner: User, member: User) -> None:
    response = browser_of(owner).post(reverse("leave_team", args=[team.pk]), follow=True)
    assert "This is the only owner." in response.content.decode()
    assert roles_in(team)["owner@example.com"] == "owner"


def test_roles_are_changed_on_the_page(team: Team, owner: User, member: User) -> None:
    browser = browser_of(owner)
    address = reverse("change_role", args=[team.pk, member.pk])
    browser.post(address, {"role": "admin"})
    assert roles_in(team)["member@example.com"] == "admin"
    browser.post(address, {"role": "emperor"})
    assert roles_in(team)["member@example.com"] == "admin"
    browser.post(reverse("transfer_team", args=[team.pk]), {"user_id": member.pk})
    assert roles_in(team) == {"owner@example.com": "admin", "member@example.com": "owner"}


def test_a_team_is_deleted_when_its_name_was_typed(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    address = reverse("delete_team", args=[team.pk])
    response = browser.post(address, {"confirmation": "acme"})
    assert "This is not the name of the team." in response.content.decode()
    assert Team.objects.filter(pk=team.pk).exists()
    browser.post(address, {"confirmation": "Acme"})
    assert not Team.objects.filter(pk=team.pk).exists()


def test_a_key_is_shown_once(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    address = reverse("team_api_keys", args=[team.pk])
    data = {"name": "Deployment", "scopes": ["read"], "days": "30"}
    response = browser.post(address, data)
    (text,) = re.findall(r"key_[\w-]{40,}", response.content.decode())
    assert "no-store" in response["Cache-Control"]
    key = ApiKey.objects.for_bearer(text)
    assert key
    assert (key.scopes, key.expires_at is not None) == (["read"], True)
    page = page_of(team, browser, "team_api_keys")
    assert text not in page
    assert key.prefix in page
    browser.post(reverse("revoke_api_key", args=[team.pk, key.pk]))
    assert ApiKey.objects.for_bearer(text) is None


def test_a_key_of_another_team_is_not_found(team: Team, owner: User, outsider: User) -> None:
    theirs = Team.objects.create_for(outsider, "Globex")
    text, key = theirs.make_api_key(outsider, "Theirs", [Scope.READ])
    browser = browser_of(owner)
    assert browser.post(reverse("revoke_api_key", args=[team.pk, key.pk])).status_code == 404
    invitation = theirs.invite(outsider, "bob@example.com", Role.MEMBER)
    for name in ("resend_invitation", "revoke_invitation"):
        assert browser.post(reverse(name, args=[team.pk, invitation.pk])).status_code == 404
    stranger = join(theirs, "stranger@example.com", Role.MEMBER)
    for name in ("change_role", "remove_member"):
        address = reverse(name, args=[team.pk, stranger.pk])
        assert browser.post(address, {"role": "admin"}).status_code == 404
    assert ApiKey.objects.for_bearer(text) == key


def test_invitations_are_sent_again_and_revoked_on_the_page(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    data = {"email": "Bob@example.com", "role": "member"}
    browser.post(reverse("invite", args=[team.pk]), data)
    invitation = team.invitations.get()
    assert "bob@example.com" in page_of(team, browser)
    browser.post(reverse("resend_invitation", args=[team.pk, invitation.pk]))
    browser.post(reverse("revoke_invitation", args=[team.pk, invitation.pk]))
    assert not team.invitations.open().exists()


def test_an_admin_cannot_post_an_owners_invitation(team: Team, admin: User) -> None:
    data = {"email": "bob@example.com", "role": "owner"}
    response = browser_of(admin).post(reverse("invite", args=[team.pk]), data)
    assert "not one of the available choices" in response.content.decode()
    assert not team.invitations.exists()


def test_mails_to_strangers_are_limited(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    for number in range(31):
        data = {"email": f"{number}@example.com", "role": "member"}
        response = browser.post(reverse("invite", args=[team.pk]), data, follow=True)
    assert "Try again in" in response.content.decode()
    assert team.invitations.count() == 30


def test_the_audit_log_is_readable(team: Team, owner: User, member: User) -> None:
    browser = browser_of(owner)
    browser.post(reverse("change_role", args=[team.pk, member.pk]), {"role": "admin"})
    browser.post(reverse("invite", args=[team.pk]), {"email": "bob@example.com", "role": "member"})
    page = page_of(team, browser, "team_audit_log")
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Olive changed the role of member@example.com from member to admin" in text
    assert "Olive invited bob@example.com as member" in text
    assert "from 127.0.0.1" in text
    assert browser_of(member).get(reverse("team_audit_log", args=[team.pk])).status_code == 200
    other = join(team, "other@example.com", Role.MEMBER)
    assert browser_of(other).get(reverse("team_audit_log", args=[team.pk])).status_code == 403


def test_a_long_audit_log_has_pages(team: Team, owner: User) -> None:
    for number in range(51):
        team.rename(owner, f"Acme {number}")
    browser = browser_of(owner)
    assert "Page 1 of 2" in page_of(team, browser, "team_audit_log")
    last = browser.get(reverse("team_audit_log", args=[team.pk]), {"page": "2"})
    assert "made the team Acme" in " ".join(re.sub(r"<[^>]+>", " ", last.content.decode()).split())
