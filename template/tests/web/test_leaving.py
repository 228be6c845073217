"""People take their data, and go."""

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from core.audit import Actor, ActorKind, AuditAction
from core.encryption import encrypt
from core.teams.roles import Role, Scope
from core.tokens import digest
from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, make_user, proven_by_session
from web.accounts.models import AccessToken, User
from web.audit.models import Entry
from web.audit.record import record
from web.teams.models import Team

DELETE, DATA = "/account/delete/", "/account/data/"


def proven(user: User) -> Client:
    """The browser of somebody who has just shown the password again."""
    browser = Client()
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def data_of(user: User) -> dict[str, Any]:
    """The file that the user downloads."""
    found: dict[str, Any] = json.loads(proven(user).post(DATA).content)
    return found


def team_with(owner: User, **others: Role) -> Team:
    """A team of `owner`, and of others whom their roles name."""
    team = Team.objects.create(name="Acme")
    team.memberships.create(user=owner, role=Role.OWNER)
    for name, role in others.items():
        team.memberships.create(user=make_user(f"{name}@example.com"), role=role)
    return team


def test_an_account_goes_with_all_that_is_its_own_and_its_owner_is_told(
    worker: Background, mailbox: Mailbox
) -> None:
    user = make_user("ann@example.com")
    other = make_user("bob@example.com")
    browser, elsewhere = proven(user), proven(user)
    token = elsewhere.post(reverse("page_token")).json()["token"]
    assert browser.post(DELETE, {"email": " Ann@Example.com "}).status_code == 302
    assert list(User.objects.all()) == [other]
    assert list(Team.objects.all()) == [Team.objects.get(personal_user=other)]
    assert AccessToken.objects.all().for_bearer(token) is None
    assert not UserSession.objects.exists()
    assert not Session.objects.filter(session_key=elsewhere.session.session_key).exists()
    for visitor in (browser, elsewhere):
        assert visitor.get(reverse("dashboard")).status_code == 302
    assert "was deleted" in mailbox.wait(to="ann@example.com", subject="deleted").text
    deleted = Entry.objects.get(action="account.deleted")
    assert deleted.actor_id == deleted.target_id == user.pk


def test_it_takes_the_password_and_the_address(user: User) -> None:
    browser = Client()
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    for answer in (browser.get(DELETE), browser.post(DELETE, {"email": user.email})):
        assert "reauthenticate" in answer.url  # type: ignore[attr-defined]
    page = proven(user).post(DELETE, {"email": "bob@example.com"})
    assert "not the address" in page.content.decode()
    assert User.objects.filter(pk=user.pk).exists()


def test_a_team_with_others_and_no_other_owner_stands_in_the_way(user: User) -> None:
    team = team_with(user, bob=Role.ADMIN)
    browser = proven(user)
    for answer in (browser.get(DELETE), browser.post(DELETE, {"email": user.email})):
        assert answer.status_code == 409
        assert "Acme" in answer.content.decode()
        assert "Transfer the ownership" in answer.content.decode()
    assert team.memberships.count() == 2
    assert not Entry.objects.filter(action="account.deleted").exists()


def test_a_team_with_another_owner_goes_on(user: User) -> None:
    team = team_with(user, bob=Role.OWNER)
    proven(user).post(DELETE, {"email": user.email})
    assert [member.user.email for member in team.memberships.all()] == ["bob@example.com"]


def test_the_file_holds_what_is_ones_own_and_nobody_elses(user: User) -> None:
    make_user("bob@example.com", name="Bob")
    team_with(user)
    found = data_of(user)
    assert found["user"]["email"] == user.email
    assert found["email_addresses"] == [{"email": user.email, "verified": True, "primary": True}]
    assert sorted(team["role"] for team in found["teams"]) == ["owner", "owner"]
    assert "bob" not in json.dumps(found).lower()
    assert Entry.objects.get(action="account.data_exported").actor_id == user.pk


def test_the_file_tells_what_was_done_by_and_to_oneself(user: User) -> None:
    bob, helper = make_user("bob@example.com"), make_user("helper@example.com")
    team, others = Team.objects.create_for(user, "Acme"), Team.objects.create_for(bob, "Other")
    team.make_api_key(user, "Deployment", [Scope.READ])
    team.invite(user, "carol@example.com", Role.MEMBER)
    others.invite(bob, "second@example.com", Role.MEMBER)
    others.invite(bob, "claimed@example.com", Role.MEMBER)
    EmailAddress.objects.create(user=user, email="Second@example.com", verified=True)
    EmailAddress.objects.create(user=user, email="claimed@example.com", verified=False)
    for actor, address in (
        (Actor(ActorKind.USER, user.pk, None, "192.0.2.1"), "192.0.2.1"),
        (Actor(ActorKind.USER, user.pk, helper.pk, "192.0.2.2"), None),
        (Actor(ActorKind.USER, helper.pk, None, "192.0.2.3"), None),
    ):
        record(AuditAction.STAFF_CHANGED_USER, target=("user", user.pk), actor=actor)
        told = data_of(user)["audit_log"]
        noted = [entry for entry in told if entry["action"] == "staff.user_changed"]
        assert noted[-1]["ip_address"] == address
        assert noted[-1]["by_me"] is (address is not None)
    elsewhere = Actor(ActorKind.API_KEY, user.pk, None, "192.0.2.4")
    record(AuditAction.TEAM_CREATED, target=("team", others.pk), actor=elsewhere)
    found = data_of(user)
    assert [key["name"] for key in found["api_keys"]] == ["Deployment"]
    assert [each["email"] for each in found["sent_invitations"]] == ["carol@example.com"]
    assert [each["email"] for each in found["invitations"]] == ["second@example.com"]
    for hidden in ("192.0.2.2", "192.0.2.3", "192.0.2.4", "digest"):
        assert hidden not in json.dumps(found)


def test_the_file_holds_no_secret_and_no_digest(user: User) -> None:
    secret = encrypt("JBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=user, type="totp", data={"secret": secret})
    browser = Client()
    browser.force_login(user)
    token = browser.post(reverse("page_token")).json()["token"]
    key = browser.session.session_key or ""
    Authenticator.objects.all().delete()
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key", "credential": {}})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": secret})
    browser = proven_by_session(user)
    text = browser.post(DATA).content.decode()
    user.refresh_from_db()
    for hidden in (user.password, secret, token, digest(token), key, digest(key), "credential"):
        assert hidden not in text
    assert '"Key"' in text


@pytest.mark.parametrize("address", [DELETE, DATA])
def test_who_has_no_password_must_have_logged_in_just_now(address: str, user: User) -> None:
    user.set_unusable_password()
    user.save()
    browser = Client()
    browser.force_login(user)
    answer = browser.post(address, {"email": user.email}, follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_request_reauthentication_code"))
    assert "Log in again" in answer.content.decode()
    assert User.objects.filter(pk=user.pk).exists()
    assert proven_by_session(user).post(address, {"email": user.email}).status_code in (200, 302)


def test_taking_data_and_going_need_a_post_and_its_token(user: User) -> None:
    browser = proven(user)
    assert browser.get(DATA).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    for address in (DATA, DELETE):
        assert strict.post(address, {"email": user.email}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()
