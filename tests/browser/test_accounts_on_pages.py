"""What people do with their accounts on Django's pages, in a real browser."""

import hashlib
import hmac
import struct
import time
from base64 import b32decode
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.signing_up import enter_code, sign_up
from tests.browser.window import Window
from tests.counting import Record

STACKS = ("django", "hybrid")


@pytest.fixture(params=STACKS)
def origin(request: pytest.FixtureRequest, origin_of: Callable[[str], str]) -> str:
    return origin_of(str(request.param))


@pytest.fixture
def window(browser: Browser, origin: str, record_property: Record) -> Iterator[Window]:
    # Before the test: what is said after it is not in its report.
    record_property("browser journeys", 1)
    with Window(browser, origin) as window:
        yield window


def log_out(window: Window) -> None:
    window.page.get_by_role("button", name="Log out").click()
    window.arrive("/")


def type_password(window: Window) -> None:
    """Log in with the password, or at least take the first step."""
    window.go("/account/login/")
    window.page.get_by_label("Email").fill(window.email)
    window.page.get_by_label("Password").fill(window.password)
    window.press("Log in")


def come_by_another_site(window: Window) -> None:
    """Log in, and at first sign up, by the sandbox's provider."""
    window.go("/account/login/")
    window.press("Continue with Sandbox")
    window.arrive("/dev/oidc/authorize")
    window.page.get_by_label("E-mail address").fill(window.email)
    window.press("Log in")
    window.arrive("/dashboard/")


def show_password_again(window: Window) -> None:
    """Answer the question before something that an open browser must not do by itself."""
    window.page.get_by_label("Password").fill(window.password)
    window.press("Confirm")


def app_code(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(b32decode(secret), counter, hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def test_a_passkey_signs_up_and_logs_in(window: Window) -> None:
    window.add_authenticator()
    window.go("/account/signup/")
    window.press("Sign up with a passkey")
    window.page.get_by_label("Email").fill(window.email)
    window.press("Go on")
    enter_code(window, "confirm")
    window.press("Make passkey")
    window.arrive("/dashboard/")
    log_out(window)
    window.go("/account/login/")
    window.press("Log in with a passkey")
    window.arrive("/dashboard/")


def test_a_passkey_is_added_and_asked_for_after_the_password(window: Window) -> None:
    window.add_authenticator()
    sign_up(window)
    window.go("/account/2fa/")
    window.press("Add a passkey")
    show_password_again(window)
    window.press("Add passkey")
    window.arrive("/account/2fa/recovery-codes/")
    log_out(window)

    type_password(window)
    window.arrive("/account/2fa/authenticate/")
    window.press("Use a passkey or security key")
    window.arrive("/dashboard/")
    log_out(window)
    window.go("/account/login/")
    window.press("Log in with a passkey")
    window.arrive("/dashboard/")


def test_who_cancels_the_passkey_is_told_and_can_go_on(window: Window) -> None:
    window.add_authenticator(hasResidentKey=False, hasUserVerification=False)
    window.go("/account/login/")
    window.press("Log in with a passkey")
    window.page.get_by_role("alert").get_by_text("Try again").wait_for()
    # allauth also writes to the console what the page now says.
    window.problems.clear()


def test_an_app_is_set_up_and_asked_for_and_a_recovery_code_replaces_it(window: Window) -> None:
    sign_up(window)
    window.go("/account/2fa/")
    window.press("Set up an app")
    show_password_again(window)
    assert window.page.get_by_role("img", name="QR code").bounding_box()
    secret = window.page.get_by_label("Secret").input_value()
    window.page.get_by_label("Authenticator code").fill(app_code(secret))
    window.press("Turn on")
    window.arrive("/account/2fa/recovery-codes/")
    codes = window.page.get_by_label("Unused codes").input_value().split()
    assert len(codes) == 10
    log_out(window)

    type_password(window)
    window.page.get_by_label("Code").fill("000000")
    window.press("Log in")
    assert "Incorrect code" in window.text()
    window.page.get_by_label("Code").fill(app_code(secret))
    window.press("Log in")
    window.arrive("/dashboard/")
    log_out(window)
    type_password(window)
    window.page.get_by_label("Code").fill(codes[0])
    window.press("Log in")
    window.arrive("/dashboard/")


def test_a_mailed_code_logs_in(window: Window) -> None:
    sign_up(window)
    log_out(window)
    window.go("/account/login/")
    window.press("Mail me a login code")
    window.page.get_by_label("Email").fill(window.email)
    window.press("Mail me a code")
    enter_code(window, "login code")
    window.arrive("/dashboard/")


def test_another_site_logs_in_under_the_strict_policy(window: Window) -> None:
    come_by_another_site(window)


def test_who_came_by_another_site_proves_by_mail_that_it_is_them(
    browser: Browser, origin: str, record_property: Record
) -> None:
    with Window(browser, origin, phone=True, dark=True) as window:
        come_by_another_site(window)
        window.go("/account/reauthenticate/code/?next=/account/delete/")
        assert window.email in window.text()
        assert window.fits()
        window.page.get_by_role("button", name="Mail me a code").focus()
        window.page.keyboard.press("Enter")
        window.arrive("/account/reauthenticate/code/confirm/")
        assert window.fits()
        window.page.get_by_label("Code").fill(window.mailed_code("Prove that it is you"))
        window.page.keyboard.press("Enter")
        window.arrive("/account/delete/")

        window.go("/account/reauthenticate/code/")
        window.press("Log in again")
        window.arrive("/account/reauthenticate/login/")
        assert window.fits()
        window.press("Log in again")
        window.arrive("/account/login/")
    record_property("browser journeys", 1)


def test_the_keyboard_is_enough_to_log_in(window: Window) -> None:
    sign_up(window)
    log_out(window)
    window.go("/account/login/")
    window.page.get_by_label("Email").focus()
    keyboard = window.page.keyboard
    keyboard.type(window.email)
    keyboard.press("Tab")
    keyboard.type(window.password)
    keyboard.press("Enter")
    window.arrive("/dashboard/")


def test_every_page_of_the_account_fits_a_phone_in_the_dark(
    browser: Browser, origin: str, record_property: Record
) -> None:
    with Window(browser, origin, phone=True, dark=True) as window:
        for path in ("/account/login/", "/account/signup/", "/account/signup/passkey/"):
            window.go(path)
            assert window.fits(), path
        sign_up(window)
        for path in ("", "email/", "password/change/", "sessions/", "2fa/", "2fa/totp/activate/"):
            window.go(f"/account/{path}")
            if "reauthenticate" in window.page.url:
                show_password_again(window)
                window.arrive(f"/account/{path}")
            assert window.fits(), path
    record_property("browser journeys", 1)
