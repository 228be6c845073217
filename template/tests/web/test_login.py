"""Log in and out."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.conftest import PASSWORD
from web.accounts.models import AccessToken, User

LOGIN = "/account/login/"


def login(client: Client, email: str, password: str) -> str:
    """Send the form; answers the page's text, without what changes with every request."""
    response = client.post(LOGIN, {"login": email, "password": password})
    if response.status_code != 200:
        return str(response.status_code)
    return response.content.decode().replace(email, "EMAIL")


def without_csrf(page: str) -> str:
    """The page without its CSRF tokens."""
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_the_address_may_be_written_in_capitals(client: Client, user: User) -> None:
    assert login(client, "ANN@Example.com", PASSWORD) == "302"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: Client, user: User
) -> None:
    wrong = login(client, user.email, "wrong password")
    unknown = login(client, "nobody@example.com", "wrong password")
    assert without_csrf(wrong) == without_csrf(unknown)


def test_guessing_is_limited_and_somebody_elsewhere_can_still_log_in(
    client: Client, user: User
) -> None:
    for _ in range(5):
        login(client, user.email, "wrong password")
    assert "Too many failed login attempts" in login(client, user.email, PASSWORD)
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert login(elsewhere, user.email, PASSWORD) == "302"


def test_logins_from_one_place_are_limited(client: Client, db: None) -> None:
    answers = [login(client, f"user{number}@example.com", "wrong") for number in range(31)]
    assert "429" in answers


def test_an_inactive_user_cannot_log_in(client: Client, user: User) -> None:
    User.objects.update(is_active=False)
    login(client, user.email, PASSWORD)
    assert "_auth_user_id" not in client.session


def test_logging_out_needs_a_post(browser: Client) -> None:
    browser.get(reverse("account_logout"))
    assert "_auth_user_id" in browser.session
    browser.post(reverse("account_logout"))
    assert "_auth_user_id" not in browser.session


def test_logging_out_ends_the_tokens_of_its_pages(browser: Client, user: User) -> None:
    other = Client()
    other.force_login(user)
    mine, others = (
        client.post(reverse("page_token")).json()["token"] for client in (browser, other)
    )
    browser.post(reverse("account_logout"))
    assert AccessToken.objects.all().for_bearer(mine) is None
    assert AccessToken.objects.all().for_bearer(others) is not None


def test_login_does_not_lead_to_another_site(client: Client, user: User) -> None:
    response = client.post(
        LOGIN, {"login": user.email, "password": PASSWORD, "next": "https://evil.example.com/"}
    )
    assert response.url == reverse("dashboard")  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", ["dashboard", "account", "account_email"])
def test_pages_of_people_ask_strangers_to_log_in(page: str, client: Client, db: None) -> None:
    response = client.get(reverse(page))
    assert response.status_code == 302
    assert response.url.startswith(LOGIN)  # type: ignore[attr-defined]


def test_the_form_needs_its_csrf_token(user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()
