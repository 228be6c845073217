"""Sign up, read the mail, confirm the address, log in: with a real worker and a real mailbox."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, code_in, make_user
from web.accounts.models import User

VERIFY = "/account/confirm-email/"


def sign_up(client: Client, email: str, password: str = PASSWORD) -> int:
    """Send the sign-up form; answers the status."""
    data = {"email": email, "password1": password}
    return client.post(reverse("account_signup"), data).status_code


def test_a_stranger_signs_up_verifies_and_logs_in(
    client: Client, worker: Background, mailbox: Mailbox
) -> None:
    assert sign_up(client, "New@Example.com") == 302
    assert "_auth_user_id" not in client.session
    code = code_in(mailbox.wait(to="new@example.com", subject="Confirm"))
    assert client.get(VERIFY).status_code == 200
    assert not User.objects.get().emailaddress_set.get().verified  # type: ignore[attr-defined]

    # The code works for the browser that signed up, and for no other.
    assert Client().post(VERIFY, {"code": code}).url == reverse("account_login")  # type: ignore[attr-defined]
    response = client.post(VERIFY, {"code": code})
    assert response.url == reverse("dashboard")  # type: ignore[attr-defined]
    assert client.get(reverse("dashboard")).status_code == 200
    welcome = mailbox.wait(to="new@example.com", subject="Welcome")
    assert welcome.html
    assert welcome.text


def test_who_lost_the_code_logs_in_and_gets_another(
    client: Client, worker: Background, mailbox: Mailbox
) -> None:
    sign_up(client, "new@example.com")
    first = code_in(mailbox.wait(to="new@example.com", subject="Confirm"))
    mailbox.clear()
    elsewhere = Client()
    login = {"login": "new@example.com", "password": PASSWORD}
    response = elsewhere.post(reverse("account_login"), login)
    assert response.url == VERIFY  # type: ignore[attr-defined]
    assert "_auth_user_id" not in elsewhere.session
    second = code_in(mailbox.wait(to="new@example.com", subject="Confirm"))
    assert elsewhere.post(VERIFY, {"code": first}).status_code == 200
    assert elsewhere.post(VERIFY, {"code": second}).status_code == 302
    assert "_auth_user_id" in elsewhere.session


@pytest.mark.django_db
def test_guessing_a_code_ends_after_three_attempts(client: Client) -> None:
    sign_up(client, "new@example.com")
    code = client.session["account_email_verification_code"]["code"]
    answers = [client.post(VERIFY, {"code": "wrong"}).status_code for _ in range(3)]
    assert answers == [200, 200, 302]
    client.post(VERIFY, {"code": code})
    assert "_auth_user_id" not in client.session


def test_signing_up_with_a_known_address_tells_its_owner_alone(
    client: Client, worker: Background, mailbox: Mailbox
) -> None:
    make_user("ann@example.com")
    known = client.post(
        reverse("account_signup"), {"email": "ANN@example.com", "password1": PASSWORD}
    )
    stranger = Client()
    unknown = stranger.post(
        reverse("account_signup"), {"email": "bob@example.com", "password1": PASSWORD}
    )
    assert known.status_code == unknown.status_code == 302
    assert known.url == unknown.url  # type: ignore[attr-defined]
    # Nobody can find out by typing a wrong code, either.
    pages = [who.post(VERIFY, {"code": "wrong"}) for who in (client, stranger)]
    assert [page.status_code for page in pages] == [200, 200]
    own = re.compile(r'(\w+)@example.com|value="\w{64}"')
    texts = [own.sub("", page.content.decode()) for page in pages]
    assert texts[0] == texts[1]
    assert User.objects.filter(email="ann@example.com").count() == 1
    mailbox.wait(to="ann@example.com", subject="already have an account")


@pytest.mark.django_db
def test_a_weak_password_is_refused_with_the_reason(client: Client) -> None:
    response = client.post(
        reverse("account_signup"), {"email": "new@example.com", "password1": "password123"}
    )
    assert response.status_code == 200
    assert "common" in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_fields_that_the_form_does_not_name_are_ignored(client: Client) -> None:
    data = {"email": "new@example.com", "password1": PASSWORD, "is_staff": "on"}
    client.post(reverse("account_signup"), {**data, "is_superuser": "on", "is_active": ""})
    user = User.objects.get()
    assert not user.is_staff
    assert not user.is_superuser
    assert user.is_active


@pytest.mark.django_db
def test_sign_up_is_limited() -> None:
    statuses = [sign_up(Client(), f"user{number}@example.com") for number in range(11)]
    assert statuses == [302] * 10 + [429]


def test_the_request_id_travels_from_the_page_to_the_task(
    client: Client, worker: Background
) -> None:
    response = client.post(
        reverse("account_signup"),
        {"email": "new@example.com", "password1": PASSWORD},
        headers={"X-Request-ID": "request-from-the-test"},
    )
    assert response["X-Request-ID"] == "request-from-the-test"
    worker.log_until(event="task_done", request_id="request-from-the-test")


def test_links_in_mails_name_the_configured_origin(worker: Background, mailbox: Mailbox) -> None:
    """A forged Host header must not put a stranger's host into somebody's mail."""
    make_user("ann@example.com")
    sign_up(Client(headers={"Host": "localhost"}), "ann@example.com")
    mail = mailbox.wait(to="ann@example.com")
    assert mail.links[0].startswith("http://testserver/account/")
