"""Who has nothing but a login proves by a mailed code that it is them, or logs in again."""

import re
import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import HASH_SESSION_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.encryption import encrypt
from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, code_in, make_user
from web.accounts.models import User

ASK = "/account/reauthenticate/code/"
CONFIRM = "/account/reauthenticate/code/confirm/"
AGAIN = "/account/reauthenticate/login/"
PASSKEYS = "/account/2fa/webauthn/add/"
DATA = "/account/data/"
DELETE = "/account/delete/"


@pytest.fixture
def passwordless(user: User) -> User:
    return without_password(user)


def without_password(user: User) -> User:
    user.set_unusable_password()
    user.save()
    return user


def open_browser(user: User, place: str = "127.0.0.1") -> Client:
    """A browser in which somebody logged in a while ago."""
    browser = Client(REMOTE_ADDR=place)
    browser.force_login(user)
    return browser


def ask(browser: Client, user: User, after: str = PASSKEYS) -> str:
    """Ask for a code; returns it as the session holds it."""
    assert browser.post(ASK, {"recipient": user.email, "next": after}).status_code == 302
    (code,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
    return str(code)


def test_the_code_goes_on_with_what_was_asked_for(worker: Background, mailbox: Mailbox) -> None:
    user = without_password(make_user("ann@example.com"))
    browser = open_browser(user)
    page = browser.get(DELETE, follow=True)
    (asks, _) = page.redirect_chain[-1]
    assert user.email in page.content.decode()
    answer = browser.post(asks, {"recipient": user.email, "next": DELETE}, follow=True)
    (confirms, _) = answer.redirect_chain[-1]
    mail = mailbox.wait(to=user.email, subject="Prove that it is you")
    assert reverse("usersessions_list") in mail.text

    answer = browser.post(confirms, {"code": code_in(mail), "next": DELETE})
    assert answer.url == DELETE  # type: ignore[attr-defined]
    found = browser.post(DATA)
    assert found["Content-Disposition"].startswith("attachment")
    assert found.json()["user"]["email"] == user.email
    assert browser.get(PASSKEYS).status_code == 200


def test_a_code_is_good_for_the_browser_that_asked_and_once(passwordless: User) -> None:
    browser, other = open_browser(passwordless), open_browser(passwordless)
    code = ask(browser, passwordless)
    assert other.post(CONFIRM, {"code": code}).url.startswith(ASK)  # type: ignore[attr-defined]
    ask(other, passwordless)
    assert other.post(CONFIRM, {"code": code}).status_code == 200
    assert other.get(PASSKEYS).status_code == 302

    assert browser.post(CONFIRM, {"code": code, "next": PASSKEYS}).url == PASSKEYS  # type: ignore[attr-defined]
    assert browser.post(CONFIRM, {"code": code}).url.startswith(ASK)  # type: ignore[attr-defined]


def test_guessing_ends_after_three_attempts(passwordless: User) -> None:
    browser = open_browser(passwordless)
    code = ask(browser, passwordless)
    answers = [browser.post(CONFIRM, {"code": "wrong"}).status_code for _ in range(3)]
    assert answers == [200, 200, 302]
    browser.post(CONFIRM, {"code": code})
    assert browser.get(PASSKEYS).status_code == 302


def test_no_code_goes_to_an_address_that_is_not_theirs(passwordless: User) -> None:
    make_user("bob@example.com")
    EmailAddress.objects.create(user=passwordless, email="new@example.com", verified=False)
    browser = open_browser(passwordless)
    for address in ("bob@example.com", "new@example.com"):
        assert browser.post(ASK, {"recipient": address}).status_code == 200
    assert not re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))


def test_who_has_two_addresses_chooses(passwordless: User) -> None:
    EmailAddress.objects.create(user=passwordless, email="new@example.com", verified=True)
    browser = open_browser(passwordless)
    page = browser.get(ASK).content.decode()
    for address in (passwordless.email, "new@example.com"):
        assert f'<option value="{address}">' in page
        assert browser.post(ASK, {"recipient": address}).status_code == 302
        assert address in browser.get(CONFIRM).content.decode()


def test_asking_is_limited_by_person(passwordless: User) -> None:
    answers = []
    for place in ("192.0.2.1", "198.51.100.1"):
        browser = open_browser(passwordless, place)
        answers += [browser.post(ASK, {"recipient": passwordless.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [429] * 2


def test_asking_is_limited_by_place(passwordless: User) -> None:
    bob = without_password(make_user("bob@example.com"))
    answers = []
    for person in (passwordless, bob):
        browser = open_browser(person)
        answers += [browser.post(ASK, {"recipient": person.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers[:10]] == [302] * 10
    for answer in answers[10:]:
        assert "Too many" in answer.content.decode()
    elsewhere = open_browser(bob, "198.51.100.1")
    assert elsewhere.post(ASK, {"recipient": bob.email}).status_code == 302


def test_the_queue_does_not_hold_a_code_that_can_be_read(passwordless: User) -> None:
    code = ask(open_browser(passwordless), passwordless)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text FROM outbox_message")
        (payload,) = cursor.fetchone()
    assert passwordless.email in payload
    assert code not in payload


@pytest.mark.parametrize("kind", ["password", "totp", "webauthn"])
def test_mail_stands_in_for_nothing_else(kind: str, passwordless: User) -> None:
    browser = open_browser(passwordless)
    code = ask(browser, passwordless)
    give(passwordless, kind, browser)
    # Nor is a code that was mailed before.
    for answer in (browser.get(CONFIRM), browser.post(CONFIRM, {"code": code, "next": PASSKEYS})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(ASK)
    for answer in (browser.get(ASK), browser.post(ASK, {"recipient": passwordless.email})):
        assert answer.status_code == 302
        assert "code" not in answer["Location"]
    assert browser.get(PASSKEYS).status_code == 302


def give(user: User, kind: str, browser: Client) -> None:
    """More than a login, while somebody is at a browser."""
    if kind == "password":
        user.set_password(PASSWORD)
        user.save()
        session = browser.session
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return
    data = {"secret": encrypt("JBSWY3DPEHPK3PXP"), "name": "Key", "credential": {}}
    Authenticator.objects.create(user=user, type=kind, data=data)


def test_a_login_is_a_proof_for_some_minutes(passwordless: User) -> None:
    browser = Client()
    browser.post(reverse("account_request_login_code"), {"email": passwordless.email})
    (code,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
    browser.post(reverse("account_confirm_login_code"), {"code": code})
    assert browser.get(PASSKEYS).status_code == 200
    session = browser.session
    (record,) = session[AUTHENTICATION_METHODS_SESSION_KEY]
    record["at"] = time.time() - 6 * 60
    session.save()
    assert browser.get(PASSKEYS).url.startswith(ASK)  # type: ignore[attr-defined]


def test_a_login_is_no_proof_for_who_has_more(user: User) -> None:
    browser = Client()
    browser.post(reverse("account_request_login_code"), {"email": user.email})
    (code,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
    browser.post(reverse("account_confirm_login_code"), {"code": code})
    answer = browser.get(PASSKEYS, follow=True)
    assert answer.redirect_chain[-1][0].startswith(f"{reverse('account_reauthenticate')}?")
    page = answer.content.decode()
    assert ASK not in page
    assert AGAIN not in page


def test_who_has_not_even_an_address_logs_in_again(passwordless: User) -> None:
    EmailAddress.objects.all().delete()
    browser = open_browser(passwordless)
    for answer in (browser.get(PASSKEYS), browser.post(DATA)):
        assert answer.url.startswith(AGAIN)  # type: ignore[attr-defined]
    page = browser.get(AGAIN).content.decode()
    assert f'action="{reverse("account_logout")}"' in page


def test_a_new_login_leads_back_to_what_they_were_at(passwordless: User) -> None:
    browser = open_browser(passwordless)
    page = browser.get(f"{AGAIN}?next={DELETE}").content.decode()
    (after,) = re.findall(r'name="next" value="([^"]+)"', page)
    login = browser.post(reverse("account_logout"), {"next": after}).url  # type: ignore[attr-defined]
    assert login == f"{reverse('account_login')}?next={DELETE}"
    page = browser.get(login).content.decode()
    (by_code,) = re.findall(rf'href="({reverse("account_request_login_code")}[^"]*)"', page)
    asked = browser.post(by_code, {"email": passwordless.email}).url  # type: ignore[attr-defined]
    (code,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
    assert browser.post(asked, {"code": code}).url == DELETE  # type: ignore[attr-defined]
    assert browser.get(DELETE).status_code == 200


def test_a_new_login_leads_to_no_other_site(passwordless: User) -> None:
    page = open_browser(passwordless).get(f"{AGAIN}?next=https://evil.example/")
    assert "evil" not in page.content.decode()
