"""Logging in by a provider: a real one over HTTP, honest or not."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.socialaccount.internal.statekit import STATES_SESSION_KEY
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from django.urls import reverse
from pydantic import SecretStr
from pytest_django import Settings as DjangoSettings

from core.env import Settings, get_settings
from sandbox.mailbox.thread import Mailbox
from sandbox.oidc.thread import OidcProvider, oidc_in_thread
from tests.background import Background
from tests.web.conftest import PASSWORD, code_in, make_user, proven_by_session
from web.accounts.models import User
from web.accounts.providers import social_providers
from web.audit.models import Entry

LOGIN = "/account/oidc/oidc/login/"
CONNECT = f"{LOGIN}?process=connect"
DELETE = "/account/delete/"


@pytest.fixture(scope="module")
def running_provider() -> Iterator[OidcProvider]:
    """A provider for the tests of this module."""
    with oidc_in_thread() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: OidcProvider, settings: DjangoSettings) -> OidcProvider:
    """The provider, which the project offers."""
    settings.SOCIALACCOUNT_PROVIDERS = social_providers(
        with_variables(
            oidc_name="Acme",
            oidc_issuer=running_provider.issuer,
            oidc_client_id=running_provider.client_id,
            oidc_client_secret=SecretStr(running_provider.client_secret),
        )
    )
    return running_provider


def with_variables(**variables: Any) -> Settings:
    """The settings, with other values of some variables."""
    return get_settings().model_copy(update=variables)


def way_out(browser: Client, process: str = "login") -> str:
    """Press the button; answers the address at the provider."""
    page = browser.post(f"{LOGIN}?process={process}")
    assert page.status_code == 200
    (address,) = re.findall(r'content="0; url=([^"]+)"', page.content.decode())
    return html.unescape(address)


def come_back(browser: Client, address: str) -> Any:
    """Follow the provider's redirect."""
    return browser.get(address.removeprefix("http://testserver"))


def log_in(browser: Client, provider: OidcProvider, process: str = "login", **person: Any) -> Any:
    """The whole way to the provider and back; answers the last page."""
    return come_back(browser, provider.log_in(way_out(browser, process), **person))


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_a_stranger_arrives_with_a_verified_address_and_comes_back(
    provider: OidcProvider, client: Client, db: None
) -> None:
    answer = log_in(client, provider, email="Ann@Example.com", name="Ann")
    assert answer.url == reverse("dashboard")
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == ("ann@example.com", "Ann", False)
    assert EmailAddress.objects.get().verified
    again = Client()
    log_in(again, provider, email="ann@example.com")
    assert again.session["_auth_user_id"] == str(user.pk)
    assert SocialAccount.objects.get().provider == "oidc"
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize("claim", [False, "false", "yes", None, 0])
def test_an_address_counts_only_if_the_provider_says_that_it_is_verified(
    claim: object, provider: OidcProvider, client: Client, db: None
) -> None:
    answer = log_in(client, provider, email="ann@example.com", email_verified=claim)
    assert answer.status_code == 403
    assert "not verified" in answer.content.decode()
    assert not is_signed_in(client)
    assert not User.objects.exists()


@pytest.mark.parametrize("process", ["x", "", "Login"])
def test_no_other_word_for_a_login_is_a_way_around(
    process: str, provider: OidcProvider, client: Client, user: User
) -> None:
    log_in(client, provider, process, email=user.email)
    log_in(client, provider, process, email="bob@example.com", email_verified=False)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert User.objects.get() == user


def test_a_provider_without_an_address_opens_no_account(
    provider: OidcProvider, client: Client, db: None
) -> None:
    assert log_in(client, provider, email="", sub="somebody").status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_is_never_joined_because_the_address_is_the_same(
    verified: bool, provider: OidcProvider, client: Client, user: User
) -> None:
    answer = log_in(client, provider, email=user.email, email_verified=verified)
    assert answer.status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_who_signed_up_with_a_strangers_address_gains_nothing_by_the_strangers_login(
    provider: OidcProvider, worker: Background, mailbox: Mailbox
) -> None:
    attacker, owner = Client(), Client()
    sign_up = {"email": "victim@example.com", "password1": PASSWORD}
    attacker.post(reverse("account_signup"), sign_up)
    assert log_in(owner, provider, email="victim@example.com").status_code == 403

    # The page says how to go on; that ends what the attacker prepared.
    owner.post(reverse("account_request_login_code"), {"email": "victim@example.com"})
    code = code_in(mailbox.wait(to="victim@example.com", subject="login code"))
    owner.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_signed_in(owner)
    attacker.post(reverse("account_login"), {"login": "victim@example.com", "password": PASSWORD})
    assert not is_signed_in(attacker)


def test_a_signed_in_person_connects_a_provider_and_is_told(
    provider: OidcProvider, worker: Background, mailbox: Mailbox
) -> None:
    user = make_user("ann@example.com")
    browser = Client()
    browser.force_login(user)
    # The password first: who finds an open browser must not leave a way in.
    asks = browser.post(CONNECT, headers={"Referer": "http://testserver/account/"})
    assert asks.url == f"{reverse('account_reauthenticate')}?next=/account/"  # type: ignore[attr-defined]
    back = browser.post(asks.url, {"password": PASSWORD})  # type: ignore[attr-defined]
    assert back.url == reverse("account")  # type: ignore[attr-defined]
    log_in(browser, provider, "connect", email="other@example.com", email_verified=False)
    assert SocialAccount.objects.get().user == user
    mailbox.wait(to="ann@example.com", subject="sign in")
    user.refresh_from_db()
    assert user.email == "ann@example.com"
    assert EmailAddress.objects.count() == 1

    other = Client()
    log_in(other, provider, email="other@example.com", email_verified=False)
    assert other.session["_auth_user_id"] == str(user.pk)


def test_who_has_no_password_connects_only_just_after_a_login(
    provider: OidcProvider, user: User
) -> None:
    user.set_unusable_password()
    user.save()
    found = Client()
    found.force_login(user)
    answer = found.post(CONNECT, follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_request_reauthentication_code"))
    assert "Log in again" in answer.content.decode()
    log_in(proven_by_session(user), provider, "connect", email="other@example.com")
    assert SocialAccount.objects.get().user == user


@pytest.mark.parametrize("proof", ["for_something_else", "on_the_page_left_open"])
def test_no_account_waits_in_an_open_browser_for_its_owners_proof(
    proof: str, provider: OidcProvider, user: User
) -> None:
    """Somebody left with the owner's last proof and is back when it counts no more."""
    browser = proven_by_session(user)
    back = provider.log_in(way_out(browser, "connect"), email="mallory@example.com")
    forget_proof(browser)
    asks = come_back(browser, back)
    page = asks.url if proof == "on_the_page_left_open" else browser.get(DELETE).url  # type: ignore[attr-defined]
    answer = browser.post(page, {"password": PASSWORD})
    assert not SocialAccount.objects.exists()
    assert asks.url == f"{reverse('account_reauthenticate')}?next=/account/"
    assert answer.url in (reverse("account"), DELETE)  # type: ignore[attr-defined]


def test_who_has_no_password_confirms_no_account_that_waits_either(
    provider: OidcProvider, user: User
) -> None:
    user.set_unusable_password()
    user.save()
    browser = proven_by_session(user)
    back = provider.log_in(way_out(browser, "connect"), email="mallory@example.com")
    forget_proof(browser)
    come_back(browser, back)
    asks = browser.get(DELETE).url  # type: ignore[attr-defined]
    confirms = browser.post(asks, {"recipient": user.email}).url  # type: ignore[attr-defined]
    (code,) = re.findall(r"[A-Z]{4}-[A-Z]{4}", str(dict(browser.session)))
    browser.post(confirms, {"code": code})
    assert not SocialAccount.objects.exists()
    assert browser.get(DELETE).status_code == 200


def test_a_stranger_prepares_no_account_for_who_logs_in_next(
    provider: OidcProvider, client: Client, db: None
) -> None:
    """A login keeps what the session holds, and may be proof enough."""
    asks = client.post(CONNECT)
    assert STATES_SESSION_KEY not in client.session
    assert asks.url == f"{reverse('account_login')}?next=/account/"  # type: ignore[attr-defined]


def forget_proof(browser: Client) -> None:
    session = browser.session
    del session[AUTHENTICATION_METHODS_SESSION_KEY]
    session.save()


def test_a_provider_account_of_somebody_else_cannot_be_connected(
    provider: OidcProvider, client: Client, db: None
) -> None:
    log_in(client, provider, email="bob@example.com")
    ann = Client()
    ann.post(
        reverse("account_login"),
        {"login": make_user("ann@example.com").email, "password": PASSWORD},
    )
    ann.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    log_in(ann, provider, "connect", email="bob@example.com")
    assert SocialAccount.objects.get().user.email == "bob@example.com"


def test_a_connection_is_removed_by_its_owner_even_when_its_provider_is_gone(
    provider: OidcProvider, settings: DjangoSettings, user: User
) -> None:
    browser = Client()
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    log_in(browser, provider, "connect", email="ann@work.example.com")
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "ann@work.example.com" in browser.get(reverse("account")).content.decode()
    remove = reverse("disconnect", args=[SocialAccount.objects.get().pk])

    other = Client()
    other.force_login(make_user("bob@example.com"))
    other.post(remove)
    fresh = Client()
    fresh.force_login(user)
    assert "reauthenticate" in fresh.post(remove).url  # type: ignore[attr-defined]
    assert SocialAccount.objects.exists()
    browser.post(remove)
    assert not SocialAccount.objects.exists()
    actions = Entry.objects.filter(actor_id=user.pk).values_list("action", flat=True)
    assert {"account.connection_added", "account.connection_removed"} <= set(actions)


def test_an_inactive_user_stays_out(provider: OidcProvider, client: Client, db: None) -> None:
    log_in(client, provider, email="ann@example.com")
    User.objects.update(is_active=False)
    browser = Client()
    log_in(browser, provider, email="ann@example.com")
    assert not is_signed_in(browser)


def test_who_refuses_at_the_provider_is_told_how_to_go_on(
    provider: OidcProvider, client: Client, db: None
) -> None:
    answer = come_back(client, provider.refuse(way_out(client)))
    page = client.get(answer.url) if answer.status_code == 302 else answer
    assert reverse("account_login") in page.content.decode()
    assert not is_signed_in(client)


def test_the_way_back_belongs_to_the_browser_that_left(
    provider: OidcProvider, client: Client, db: None
) -> None:
    """Else an attacker could log a victim in to the attacker's account."""
    callback = provider.log_in(way_out(client), email="mallory@example.com")
    victim = Client()
    come_back(victim, callback)
    assert not is_signed_in(victim)
    assert not User.objects.exists()


def test_the_way_out_needs_a_post_and_asks_with_pkce(
    provider: OidcProvider, client: Client, db: None
) -> None:
    assert b"url=" not in client.get(LOGIN).content
    query = parse_qs(urlsplit(way_out(client)).query)
    assert query["code_challenge_method"] == ["S256"]
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LOGIN).status_code == 403


def test_an_id_token_for_somebody_else_is_refused(
    provider: OidcProvider, client: Client, db: None
) -> None:
    for claims in ({"aud": "another"}, {"iss": "https://evil.example.com"}, {"exp": 1}):
        log_in(client, provider, email="ann@example.com", **claims)
        assert not is_signed_in(client), claims


@pytest.mark.parametrize(
    ("variables", "offered"),
    [
        ({}, []),
        ({"google_client_id": "x"}, ["Google"]),
        ({"github_client_id": "x", "google_client_id": "x"}, ["GitHub", "Google"]),
        ({"oidc_client_id": "x"}, []),
        ({"oidc_client_id": "x", "oidc_issuer": "https://acme.example", "oidc_name": "Acme"},
         ["Acme"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["account_login", "account_signup"])
def test_the_providers_that_are_set_up_are_offered(
    variables: dict[str, str],
    offered: list[str],
    page: str,
    client: Client,
    db: None,
    settings: DjangoSettings,
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = social_providers(with_variables(**variables))
    buttons = re.findall(r"Continue with (\w+)", client.get(reverse(page)).content.decode())
    assert sorted(buttons) == offered


def test_a_provider_that_is_not_set_up_is_not_there(client: Client, db: None) -> None:
    for name in ("google", "github", "oidc/oidc"):
        assert client.post(f"/account/{name}/login/").status_code == 404
