"""Yours: what your pages promise."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from core.project import project
from web.accounts.models import User


@pytest.fixture
def browser(db: None) -> Client:
    """The browser of somebody who is signed in."""
    browser = Client()
    browser.force_login(User.objects.create_user("ann@example.com", name="Ann <3"))
    return browser


def test_the_landing_page_says_what_the_product_is(client: Client, db: None) -> None:
    page = client.get(reverse("landing")).content.decode()
    assert html.escape(project.name) in page
    assert html.escape(project.description) in page
    assert reverse("account_signup") in page


def test_the_dashboard_greets_the_person(browser: Client) -> None:
    assert "Hello, Ann &lt;3" in browser.get(reverse("dashboard")).content.decode()


def test_the_dashboard_is_for_the_signed_in(client: Client, db: None) -> None:
    assert client.get(reverse("dashboard")).status_code == 302
