"""A new way into an account takes a proof, also from who logs in by mail or by another site."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from tests.web.conftest import proven_by_session
from web.accounts.models import User

WAYS_IN = [
    "/account/email/",
    "/account/password/set/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/add/",
]
CODES = "/account/2fa/recovery-codes/generate/"


@pytest.fixture
def passwordless(user: User) -> User:
    user.set_unusable_password()
    user.save()
    return user


@pytest.mark.parametrize("address", [*WAYS_IN, CODES])
def test_an_open_browser_gives_nobody_a_way_in(address: str, passwordless: User) -> None:
    found = Client()
    found.force_login(passwordless)
    new = {"action_add": "", "email": "mallory@example.com", "password1": "a long pass phrase"}
    for answer in (found.get(address), found.post(address, new)):
        assert answer.status_code == 302
        page = found.get(answer["Location"]).content.decode()
        assert "Mail me a code" in page
        assert "Log in again" in page
    passwordless.refresh_from_db()
    assert not passwordless.has_usable_password()
    assert EmailAddress.objects.filter(user=passwordless).count() == 1


@pytest.mark.parametrize("address", WAYS_IN)
def test_who_has_just_logged_in_goes_on(address: str, passwordless: User) -> None:
    assert proven_by_session(passwordless).get(address).status_code == 200


@pytest.mark.parametrize("address", [*WAYS_IN, CODES])
def test_strangers_are_asked_to_log_in(address: str, client: Client, db: None) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/")
