"""Sign up, read the mail, confirm the address, log in: with a real worker and a real mailbox."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, make_user
from web.accounts.models import User


def path_of(link: str) -> str:
    """The path of a link on the test's origin."""
    assert link.startswith("http://testserver/")
    return link.removeprefix("http://testserver")


def sign_up(client: Client, email: str, password: str = PASSWORD) -> int:
    """Send the sign-up form; answers the status."""
    data = {"email": email, "password1": password}
    return client.post(reverse("account_signup"), data).status_code


def test_a_stranger_signs_up_verifies_and_logs_in(
    client: Client, worker: Background, mailbox: Mailbox
) -> None:
    assert sign_up(client, "New@Example.com") == 302
    assert "_auth_user_id" not in client.session
    mail = mailbox.wait(to="new@example.com", subject="Confirm")

    # A login before the address is verified leads to the page that asks for it.
    login = {"login": "new@example.com", "password": PASSWORD}
    response = client.post(reverse("account_login"), login)
    assert response.url == reverse("account_email_verification_sent")  # type: ignore[attr-defined]

    confirm = path_of(mail.links[0])
    assert client.get(confirm).status_code == 200
    assert not User.objects.get().emailaddress_set.get().verified  # type: ignore[attr-defined]
    assert client.post(confirm).status_code == 302
    welcome = mailbox.wait(to="new@example.com", subject="Welcome")
    assert welcome.html
    assert welcome.text

    response = client.post(reverse("account_login"), login)
    assert response.url == reverse("dashboard")  # type: ignore[attr-defined]
    assert client.get(reverse("dashboard")).status_code == 200


def test_signing_up_with_a_known_address_tells_its_owner_alone(
    client: Client, worker: Background, mailbox: Mailbox
) -> None:
    make_user("ann@example.com")
    known = client.post(
        reverse("account_signup"), {"email": "ANN@example.com", "password1": PASSWORD}
    )
    unknown = Client().post(
        reverse("account_signup"), {"email": "bob@example.com", "password1": PASSWORD}
    )
    assert known.status_code == unknown.status_code == 302
    assert known.url == unknown.url  # type: ignore[attr-defined]
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
def test_sign_up_is_limited(client: Client) -> None:
    statuses = [sign_up(client, f"user{number}@example.com") for number in range(21)]
    assert statuses == [302] * 20 + [429]


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


def test_the_confirmation_link_names_the_configured_origin(
    worker: Background, mailbox: Mailbox
) -> None:
    """A forged Host header must not put a stranger's host into somebody's mail."""
    sign_up(Client(headers={"Host": "localhost"}), "new@example.com")
    mail = mailbox.wait(to="new@example.com")
    assert re.match(r"http://testserver/account/confirm-email/", mail.links[0])
