"""Logging in by a code that comes by mail, with a real worker and a real mailbox."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse

from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, code_in, make_user
from web.accounts.models import User

ASK = "/account/login/code/"
CONFIRM = "/account/login/code/confirm/"


def ask(email: str, client: Client | None = None) -> Client:
    """A browser in which somebody has asked for a code."""
    client = client or Client()
    assert client.post(ASK, {"email": email}).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_code_logs_in_once_and_only_the_browser_that_asked(
    worker: Background, mailbox: Mailbox
) -> None:
    make_user("ann@example.com")
    browser = ask("Ann@example.com")
    code = code_in(mailbox.wait(to="ann@example.com", subject="login code"))
    Client().post(CONFIRM, {"code": code})
    other = ask("ann@example.com")
    assert other.post(CONFIRM, {"code": code}).status_code == 200
    assert not is_signed_in(other)

    assert browser.post(CONFIRM, {"code": code}).url == reverse("dashboard")  # type: ignore[attr-defined]
    assert is_signed_in(browser)
    browser.logout()
    browser.post(CONFIRM, {"code": code})
    assert not is_signed_in(browser)


def test_an_unknown_address_gets_the_same_answers_and_a_mail_of_its_own(
    worker: Background, mailbox: Mailbox
) -> None:
    make_user("ann@example.com")
    pages = []
    for email in ("ann@example.com", "bob@example.com"):
        browser = ask(email)
        for answer in (browser.get(CONFIRM), browser.post(CONFIRM, {"code": "wrong"})):
            assert answer.status_code == 200
            pages.append(re.sub(rf'{email}|value="\w{{64}}"', "", answer.content.decode()))
    assert pages[:2] == pages[2:]
    mailbox.wait(to="bob@example.com", subject="No account")
    assert not User.objects.filter(email="bob@example.com").exists()


def test_the_queue_does_not_hold_a_code_that_can_be_read(user: User) -> None:
    browser = ask(user.email)
    (state,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text FROM outbox_message")
        (payload,) = cursor.fetchone()
    assert user.email in payload
    assert state not in payload


def test_guessing_ends_after_three_attempts_and_keeps_nobody_else_out(user: User) -> None:
    owner, guesser = ask(user.email), ask(user.email)
    answers = [guesser.post(CONFIRM, {"code": "wrong"}).status_code for _ in range(3)]
    assert answers == [200, 200, 302]
    assert guesser.post(CONFIRM, {"code": "wrong"}).status_code == 302
    (code,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(owner.session)))
    owner.post(CONFIRM, {"code": code})
    assert is_signed_in(owner)


def test_asking_is_limited_by_place_and_not_by_address(user: User) -> None:
    answers = [Client().post(ASK, {"email": user.email}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [200]
    assert "Too many" in answers[-1].content.decode()
    ask(user.email, Client(REMOTE_ADDR="203.0.113.9"))


def test_who_signed_up_with_a_strangers_address_is_out_once_the_owner_logs_in(
    worker: Background, mailbox: Mailbox
) -> None:
    """The attacker chooses a password before the owner has an account, and waits."""
    attacker = Client()
    sign_up = {"email": "victim@example.com", "password1": PASSWORD}
    attacker.post(reverse("account_signup"), sign_up)
    mailbox.wait(to="victim@example.com", subject="Confirm")

    owner = ask("victim@example.com")
    code = code_in(mailbox.wait(to="victim@example.com", subject="login code"))
    owner.post(CONFIRM, {"code": code})
    assert is_signed_in(owner)
    assert EmailAddress.objects.get().verified

    login = {"login": "victim@example.com", "password": PASSWORD}
    attacker.post(reverse("account_login"), login)
    assert not is_signed_in(attacker)


def test_a_password_survives_a_login_by_code(worker: Background, mailbox: Mailbox) -> None:
    user = make_user("ann@example.com")
    browser = ask(user.email)
    browser.post(CONFIRM, {"code": code_in(mailbox.wait(subject="login code"))})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.django_db
def test_an_inactive_user_gets_no_code(user: User, mailbox: Mailbox) -> None:
    User.objects.update(is_active=False)
    browser = ask(user.email)
    assert not re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
