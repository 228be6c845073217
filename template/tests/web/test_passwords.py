"""Reset and change of passwords, and the form in which both frameworks store them."""

from django.contrib.auth.hashers import check_password, make_password
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.passwords import hash_password, verify_password
from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, make_user
from web.accounts.models import AccessToken, User

NEW_PASSWORD = "another long pass phrase"


def page_token(browser: Client) -> str:
    """A token for a page of the signed-in browser."""
    token: str = browser.post(reverse("page_token")).json()["token"]
    return token


def test_django_reads_what_core_stored_and_the_other_way_round() -> None:
    assert check_password(PASSWORD, hash_password(PASSWORD))
    assert verify_password(PASSWORD, make_password(PASSWORD))
    assert not check_password("wrong", hash_password(PASSWORD))
    assert not verify_password("wrong", make_password(PASSWORD))


def test_a_forgotten_password_is_replaced_once_and_ends_every_session(
    client: Client, worker: Background, mailbox: Mailbox
) -> None:
    user = make_user("ann@example.com")
    User.objects.update(last_login=timezone.now())
    browser = Client()
    browser.force_login(user)
    token = page_token(browser)

    client.post(reverse("account_reset_password"), {"email": "ann@example.com"})
    mail = mailbox.wait(to="ann@example.com", subject="new password")
    link = mail.links[0].removeprefix("http://testserver")
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    mailbox.wait(to="ann@example.com", subject="was changed")

    assert browser.get(reverse("dashboard")).status_code == 302
    assert AccessToken.objects.all().for_bearer(token) is None
    again = Client().get(link, follow=True)
    assert "already been used" in again.content.decode()


def test_asking_for_an_unknown_address_gets_the_same_answer(
    client: Client, worker: Background, mailbox: Mailbox
) -> None:
    make_user("ann@example.com")
    known = client.post(reverse("account_reset_password"), {"email": "ann@example.com"})
    unknown = client.post(reverse("account_reset_password"), {"email": "bob@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)  # type: ignore[attr-defined]
    mailbox.wait(to="bob@example.com", subject="No account")


def test_asking_is_limited(client: Client, user: User) -> None:
    url = reverse("account_reset_password")
    statuses = [client.post(url, {"email": user.email}).status_code for _ in range(11)]
    assert statuses == [302] * 10 + [429]
    # Nobody keeps an owner out by asking for mails to the owner's address.
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post(url, {"email": user.email}).status_code == 302


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    browser: Client, user: User
) -> None:
    other = Client()
    other.force_login(user)
    token = page_token(other)
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    response = browser.post(reverse("account_change_password"), form)
    assert response.status_code == 302
    assert browser.get(reverse("dashboard")).status_code == 200
    assert other.get(reverse("dashboard")).status_code == 302
    assert AccessToken.objects.all().for_bearer(token) is None
