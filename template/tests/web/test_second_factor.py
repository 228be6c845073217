"""Authenticator apps and recovery codes; passkeys are tested in a browser, by the template."""

import hashlib
import hmac
import re
import struct
import time
from base64 import b32decode

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from core.encryption import decrypt, encrypt
from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import PASSWORD, make_user
from web.accounts.models import User
from web.audit.models import Entry

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = "/account/2fa/authenticate/"


def code_of(secret: str, steps: int = 0) -> str:
    """What an app shows, some half minutes from now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(b32decode(secret), counter, hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def protect(user: User) -> Authenticator:
    """Give the user an app that knows `SECRET`."""
    kind = Authenticator.Type.TOTP
    return Authenticator.objects.create(user=user, type=kind, data={"secret": encrypt(SECRET)})


def after_password(user: User, place: str = "127.0.0.1", to: str = "") -> Client:
    """A browser in which the right password was typed."""
    browser = Client(REMOTE_ADDR=place)
    login = {"login": user.email, "password": PASSWORD, "next": to}
    assert browser.post(reverse("account_login"), login).url == STEP  # type: ignore[attr-defined]
    return browser


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_an_app_is_set_up_with_its_recovery_codes_and_its_owner_is_told(
    worker: Background, mailbox: Mailbox
) -> None:
    user = make_user("ann@example.com")
    browser = Client()
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    setup = reverse("mfa_activate_totp")
    asks = browser.get(setup)
    assert asks.url.startswith(reverse("account_reauthenticate"))  # type: ignore[attr-defined]
    browser.post(asks.url, {"password": PASSWORD})  # type: ignore[attr-defined]

    page = browser.get(setup).content.decode()
    (secret,) = re.findall(r'value="([A-Z2-7]{32})"', page)
    assert 'src="data:image/svg+xml;base64,' in page
    assert browser.post(setup, {"code": "000000"}).status_code == 200
    assert browser.post(setup, {"code": code_of(secret)}).status_code == 302
    mailbox.wait(to="ann@example.com", subject="sign in")

    actions = Entry.objects.filter(actor_id=user.pk).values_list("action", flat=True)
    assert {"account.second_factor_added", "account.recovery_codes_made"} <= set(actions)
    app, codes = Authenticator.objects.order_by("-type")
    assert list(app.data) == ["secret"]
    assert decrypt(app.data["secret"]) == secret
    assert secret not in str(app.data)
    assert set(codes.data) >= {"seed", "used_mask"}
    assert len(decrypt(codes.data["seed"])) == 80
    shown = re.findall(
        r"\b\d{8}\b", browser.get(reverse("mfa_view_recovery_codes")).content.decode()
    )
    assert len(set(shown)) == 10

    other = after_password(user)
    assert other.post(STEP, {"code": shown[3]}).status_code == 302
    assert is_signed_in(other)
    again = after_password(user)
    again.post(STEP, {"code": shown[3]})
    assert not is_signed_in(again)


def test_the_password_alone_opens_nothing(user: User) -> None:
    protect(user)
    browser = after_password(user)
    assert browser.get(reverse("dashboard")).status_code == 302
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.post(STEP, {"code": code_of(SECRET)}).url == reverse("dashboard")  # type: ignore[attr-defined]
    assert is_signed_in(browser)


def test_a_code_works_once_and_only_around_its_time(user: User) -> None:
    protect(user)
    for steps in (-3, 3):
        assert after_password(user).post(STEP, {"code": code_of(SECRET, steps)}).status_code == 200
    code = code_of(SECRET)
    assert after_password(user).post(STEP, {"code": code}).status_code == 302
    again = after_password(user)
    again.post(STEP, {"code": code})
    assert not is_signed_in(again)


def test_a_code_by_mail_does_not_replace_the_second_step(user: User) -> None:
    protect(user)
    browser = Client()
    browser.post(reverse("account_request_login_code"), {"email": user.email})
    (code,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
    answer = browser.post(reverse("account_confirm_login_code"), {"code": code})
    assert answer.url == STEP  # type: ignore[attr-defined]
    assert not is_signed_in(browser)


def test_guessing_from_many_places_shares_one_count_and_the_owner_at_home_gets_in(
    user: User,
) -> None:
    protect(user)
    home = after_password(user, "192.0.2.1")
    home.post(STEP, {"code": code_of(SECRET)})
    for number in range(5):
        after_password(user, f"203.0.113.{number}").post(STEP, {"code": "000000"})
    elsewhere = after_password(user, "198.51.100.7")
    page = elsewhere.post(STEP, {"code": code_of(SECRET, 1)})
    assert "Too many" in page.content.decode()
    at_home = after_password(user, "192.0.2.1")
    assert at_home.post(STEP, {"code": code_of(SECRET, 1)}).status_code == 302
    assert is_signed_in(at_home)


def test_the_admin_asks_for_the_second_step(staff: User) -> None:
    protect(staff)
    browser = Client()
    answer = browser.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    browser = after_password(staff, to=reverse("admin:index"))
    assert browser.get(reverse("admin:index")).status_code == 302
    answer = browser.post(STEP, {"code": code_of(SECRET)})
    assert answer.url == reverse("admin:index")  # type: ignore[attr-defined]
    assert browser.get(reverse("admin:index")).status_code == 200


def test_staff_remove_a_lost_factor_and_never_see_its_secret(
    worker: Background, mailbox: Mailbox
) -> None:
    user = make_user("ann@example.com")
    staff = make_user("staff@example.com", is_staff=True, is_superuser=True)
    app = protect(user)
    browser = Client()
    browser.force_login(staff)
    page = browser.get(reverse("admin:mfa_authenticator_change", args=[app.pk])).content.decode()
    assert app.data["secret"] not in page
    browser.post(reverse("admin:mfa_authenticator_delete", args=[app.pk]), {"post": "yes"})
    assert not Authenticator.objects.exists()
    assert "our staff" in mailbox.wait(to="ann@example.com", subject="sign in").text
    noted = Entry.objects.get(action="account.second_factor_removed")
    assert (noted.actor_id, noted.target_id) == (staff.pk, user.pk)


def test_taking_the_second_step_away_needs_it_or_the_password(user: User) -> None:
    protect(user)
    browser = after_password(user)
    browser.post(STEP, {"code": code_of(SECRET)})
    asks = browser.post(reverse("mfa_deactivate_totp"))
    assert "reauthenticate" in asks.url  # type: ignore[attr-defined]
    assert Authenticator.objects.exists()


@pytest.mark.parametrize(
    "page",
    ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes",
     "account_login", "account_signup", "account_signup_by_passkey"],
)  # fmt: skip
def test_no_page_holds_a_script_that_the_policy_would_stop(page: str, user: User) -> None:
    protect(user)
    browser = Client()
    if page.startswith("mfa"):
        browser = after_password(user)
        browser.post(STEP, {"code": code_of(SECRET)})
        browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        cache.clear()
    text = browser.get(reverse(page), follow=True).content.decode()
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert 'src="/static/' in attributes or 'type="application/json"' in attributes
    assert not re.findall(r"<[^>]+\s(?:on\w+|style)=", text)
