"""What a view refused for want of a proof is not done after a later one: people begin anew.

Else whoever finds an open browser leaves something in it that its owner confirms unknowingly.
"""

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.test import Client

from tests.web.conftest import PASSWORD
from tests.web.test_proof_by_mail import CONFIRM, DATA, DELETE, ask, open_browser, without_password
from web.accounts.models import User

SET = "/account/password/set/"
ASK = "/account/reauthenticate/"
MALLORYS = "mallory-needs-another-horse"


def test_a_password_does_not_wait_for_the_owners_proof(user: User) -> None:
    browser = open_browser(without_password(user))
    browser.post(SET, {"password1": MALLORYS, "password2": MALLORYS})
    browser.get(SET)
    code = ask(browser, user, SET)
    answer = browser.post(CONFIRM, {"code": code, "next": SET})
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert answer.url == SET  # type: ignore[attr-defined]


def test_nor_does_it_on_the_page_that_was_left_open(user: User) -> None:
    browser = open_browser(without_password(user))
    browser.post(SET, {"password1": MALLORYS, "password2": MALLORYS})
    code = ask(browser, user, SET)
    answer = browser.post(CONFIRM, {"code": code, "next": SET})
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert answer.url == SET  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", [SET, DATA, "/account/email/", DELETE])
def test_the_session_keeps_nothing_of_what_was_sent(path: str, user: User) -> None:
    browser = open_browser(without_password(user) if path == SET else user)
    answer = browser.post(path, {"password1": MALLORYS, "email": user.email})
    assert answer.url.startswith(ASK)  # type: ignore[attr-defined]
    assert MALLORYS not in str(dict(browser.session))
    assert STATE_SESSION_KEY not in browser.session


def test_what_an_older_version_kept_is_not_done(user: User, browser: Client) -> None:
    callback = "allauth.socialaccount.internal.flows.connect.resume_connect"
    session = browser.session
    session[STATE_SESSION_KEY] = {"callback": callback, "state": {}}
    session.save()
    asks = browser.get(DELETE).url  # type: ignore[attr-defined]
    answer = browser.post(asks, {"password": PASSWORD})
    assert answer.url == DELETE  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "after"),
    [
        ("http://testserver/account/?a=1", "/account/?a=1"),
        ("https://evil.example/account/delete/", "/account/"),
        ("http://testserver//evil.example/", "/dashboard/"),
        ("", "/account/"),
    ],
)
def test_who_pressed_a_button_is_led_back_to_its_page_of_this_site(
    page: str, after: str, browser: Client
) -> None:
    asks = browser.post(DATA, headers={"Referer": page})
    told = browser.get(asks.url)  # type: ignore[attr-defined]
    assert "do it again" in told.content.decode()
    answer = browser.post(asks.url, {"password": PASSWORD})  # type: ignore[attr-defined]
    assert answer.url == after  # type: ignore[attr-defined]
    assert browser.post(DATA).status_code == 200
