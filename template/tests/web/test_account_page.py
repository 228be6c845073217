"""The account page."""

from django.test import Client
from django.urls import reverse

from web.accounts.models import User


def test_people_change_their_name_and_nothing_else(browser: Client, user: User) -> None:
    browser.post(reverse("account"), {"name": "Ann <b>", "email": "x@example.com", "is_staff": "1"})
    user.refresh_from_db()
    assert (user.name, user.email, user.is_staff) == ("Ann <b>", "ann@example.com", False)
    page = browser.get(reverse("dashboard")).content.decode()
    assert "Hello, Ann &lt;b&gt;" in page


def test_a_name_that_is_too_long_is_refused_beside_its_field(browser: Client, user: User) -> None:
    response = browser.post(reverse("account"), {"name": "x" * 151})
    assert response.status_code == 200
    assert "at most 150 characters" in response.content.decode()
