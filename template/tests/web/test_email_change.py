"""Changing the address one logs in with."""

from django.test import Client
from django.urls import reverse

from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, code_in, make_user


def signed_in(email: str) -> Client:
    """The browser of somebody who has just confirmed the password."""
    browser = Client()
    browser.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def test_the_password_is_asked_for_first(worker: Background, mailbox: Mailbox) -> None:
    browser = Client()
    browser.force_login(make_user("ann@example.com"))
    response = browser.post(
        reverse("account_email"), {"email": "new@example.com", "action_add": ""}
    )
    assert response.url.startswith(reverse("account_reauthenticate"))  # type: ignore[attr-defined]


def test_a_new_address_counts_when_it_is_verified_and_the_old_one_is_told(
    worker: Background, mailbox: Mailbox
) -> None:
    user = make_user("ann@example.com")
    browser = signed_in(user.email)
    browser.post(reverse("account_email"), {"email": "new@example.com", "action_add": ""})
    mail = mailbox.wait(to="new@example.com", subject="Confirm")
    user.refresh_from_db()
    assert user.email == "ann@example.com"

    browser.post(reverse("account_email_verification_sent"), {"code": code_in(mail)})
    user.refresh_from_db()
    assert user.email == "new@example.com"
    told = mailbox.wait(to="ann@example.com", subject="address was changed")
    assert "new@example.com" in told.text
    assert not [mail for mail in mailbox.messages if "Welcome" in mail.subject]


def test_somebody_elses_address_cannot_be_taken(worker: Background, mailbox: Mailbox) -> None:
    make_user("bob@example.com")
    user = make_user("ann@example.com")
    browser = signed_in(user.email)
    browser.post(reverse("account_email"), {"email": "bob@example.com", "action_add": ""})
    user.refresh_from_db()
    assert user.email == "ann@example.com"
    assert not user.emailaddress_set.filter(  # type: ignore[attr-defined]
        email="bob@example.com", verified=True
    ).exists()
