"""What the link in an invitation's mail opens, for whoever opens it."""

from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from core.teams.roles import Role
from tests.web.conftest import PASSWORD, make_user
from tests.web.teams.conftest import roles_in
from web.accounts.models import User
from web.teams.models import Invitation, Team

ACCEPT = "/invitations/accept"


@pytest.fixture
def invitation(team: Team, owner: User) -> Invitation:
    return team.invite(owner, "bob@example.com", Role.MEMBER)


@pytest.fixture
def token(invitation: Invitation) -> str:
    return invitation.make_token()


@pytest.fixture
def bob(db: None) -> Client:
    browser = Client()
    browser.force_login(make_user("bob@example.com"))
    return browser


def opened(browser: Client, token: str) -> str:
    response = browser.get(ACCEPT, {"token": token}, follow=True)
    return unescape(response.content.decode())


def test_the_token_leaves_the_address_at_once(client: Client, token: str) -> None:
    response = client.get(ACCEPT, {"token": token})
    assert response["Location"] == ACCEPT
    assert response["Referrer-Policy"] == "no-referrer"
    page = client.get(ACCEPT)
    assert page["Referrer-Policy"] == "same-origin"
    assert token not in page.content.decode()


def test_a_browser_may_post_the_form_it_was_shown(bob: Client, team: Team, token: str) -> None:
    guarded = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    guarded.cookies = bob.cookies
    page = guarded.get(ACCEPT, {"token": token}, follow=True)
    # Under `no-referrer` a browser sends `Origin: null` with the form.
    assert page["Referrer-Policy"] != "no-referrer"
    form = {"csrfmiddlewaretoken": str(page.context["csrf_token"])}
    assert guarded.post(ACCEPT, form, headers={"origin": "null"}).status_code == 403
    assert guarded.post(ACCEPT, form).status_code == 302
    assert roles_in(team)["bob@example.com"] == "member"


def test_only_a_post_accepts(bob: Client, team: Team, token: str) -> None:
    assert "Join Acme?" in opened(bob, token)
    assert "bob@example.com" not in roles_in(team)
    response = bob.post(ACCEPT, follow=True)
    assert response.redirect_chain[-1][0] == reverse("dashboard")
    assert roles_in(team)["bob@example.com"] == "member"
    assert 'aria-label="Team: Acme"' in response.content.decode()
    assert bob.post(ACCEPT).status_code == 404
    assert roles_in(team)["bob@example.com"] == "member"


def test_a_stranger_logs_in_and_comes_back(client: Client, team: Team, token: str) -> None:
    make_user("bob@example.com")
    page = opened(client, token)
    assert "Olive invites you" in page
    assert "?next=%2Finvitations%2Faccept&email=bob%40example.com" in page
    data = {"login": "bob@example.com", "password": PASSWORD, "next": ACCEPT}
    response = client.post(reverse("account_login"), data, follow=True)
    assert response.redirect_chain[-1][0] == ACCEPT
    client.post(ACCEPT)
    assert roles_in(team)["bob@example.com"] == "member"


def test_the_sign_up_form_knows_the_address(client: Client, token: str) -> None:
    opened(client, token)
    page = client.get(reverse("account_signup"), {"next": ACCEPT, "email": "bob@example.com"})
    assert 'value="bob@example.com"' in page.content.decode()
    assert f'value="{ACCEPT}"' in page.content.decode()


def test_a_stranger_cannot_accept_without_an_account(
    client: Client, team: Team, token: str
) -> None:
    opened(client, token)
    client.post(ACCEPT)
    assert roles_in(team) == {"owner@example.com": "owner"}


def test_somebody_else_learns_the_team_and_who_invites_and_no_more(
    team: Team, outsider: User, token: str
) -> None:
    browser = Client()
    browser.force_login(outsider)
    page = opened(browser, token)
    assert "another address" in page
    assert "Acme" in page
    assert "bob@example.com" not in page
    assert browser.post(ACCEPT).status_code == 200
    assert "outsider@example.com" not in roles_in(team)


def test_an_address_that_is_not_verified_does_not_accept(
    bob: Client, team: Team, token: str
) -> None:
    EmailAddress.objects.filter(email="bob@example.com").update(verified=False)
    assert "not to an address that you have verified" in opened(bob, token)
    bob.post(ACCEPT)
    assert "bob@example.com" not in roles_in(team)


def test_links_that_open_nothing_look_the_same(
    bob: Client, owner: User, invitation: Invitation, token: str
) -> None:
    never = opened(Client(), "invite_never")
    invitation.revoke(owner)
    assert opened(Client(), token).split("<main")[1] == never.split("<main")[1]
    assert "cannot be used" in never
    assert Client().get(ACCEPT).status_code == 404


def test_one_sees_and_answers_ones_own_invitations(
    bob: Client, team: Team, owner: User, invitation: Invitation, outsider: User
) -> None:
    stranger = Client()
    stranger.force_login(outsider)
    for name in ("accept_mine", "decline_mine"):
        assert stranger.post(reverse(name, args=[invitation.pk])).status_code == 404
        assert bob.get(reverse(name, args=[invitation.pk])).status_code == 405
    assert "Acme" in bob.get(reverse("teams")).content.decode()
    bob.post(reverse("decline_mine", args=[invitation.pk]))
    assert not team.invitations.open().exists()
    again = team.invite(owner, "bob@example.com", Role.ADMIN)
    bob.post(reverse("accept_mine", args=[again.pk]))
    assert roles_in(team)["bob@example.com"] == "admin"
    assert bob.post(reverse("accept_mine", args=[again.pk])).status_code == 404


def test_a_full_team_says_so(bob: Client, team: Team, token: str) -> None:
    Team.objects.update(seat_limit=1)
    opened(bob, token)
    response = bob.post(ACCEPT, follow=True)
    assert "This team has 1 seats." in response.content.decode()
