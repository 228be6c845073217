"""People see where they are logged in, and end what they do not know."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.web.conftest import PASSWORD, make_user
from web.accounts.models import AccessToken, User

LIST = "/account/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


def log_in(user: User, place: str, user_agent: str = FIREFOX) -> Client:
    """A browser at a place, signed in."""
    browser = Client(REMOTE_ADDR=place, headers={"User-Agent": user_agent})
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get(reverse("dashboard")).status_code == 200


def page_token(browser: Client) -> str:
    token: str = browser.post(reverse("page_token")).json()["token"]
    return token


def test_the_list_names_device_and_place_and_shows_no_key(user: User) -> None:
    here, there = log_in(user, "192.0.2.1"), log_in(user, "198.51.100.7", "curl/8")
    page = here.get(LIST).content.decode()
    for words in ("Firefox on Windows", "192.0.2.1", "Curl", "198.51.100.7", "This one"):
        assert words in page
    for browser in (here, there):
        assert str(browser.session.session_key) not in page


def test_one_session_is_ended_with_the_tokens_of_its_pages(user: User) -> None:
    here, there, third = (log_in(user, f"192.0.2.{number}") for number in range(3))
    mine, others = page_token(here), page_token(there)
    session = UserSession.objects.get(ip="192.0.2.1")
    assert here.post(reverse("end_session", args=[session.pk])).status_code == 302
    assert [is_signed_in(browser) for browser in (here, there, third)] == [True, False, True]
    assert AccessToken.objects.all().for_bearer(others) is None
    assert AccessToken.objects.all().for_bearer(mine) is not None


def test_all_other_sessions_are_ended_at_once(user: User) -> None:
    here, there, third = (log_in(user, f"192.0.2.{number}") for number in range(3))
    token = page_token(third)
    here.post(LIST)
    assert [is_signed_in(browser) for browser in (here, there, third)] == [True, False, False]
    assert AccessToken.objects.all().for_bearer(token) is None


def test_ending_the_session_in_use_logs_out(user: User) -> None:
    here = log_in(user, "192.0.2.1")
    here.post(reverse("end_session", args=[UserSession.objects.get().pk]))
    assert not is_signed_in(here)


def test_nobody_ends_the_session_of_somebody_else(user: User) -> None:
    victim = log_in(user, "192.0.2.1")
    other = log_in(make_user("bob@example.com"), "192.0.2.2")
    session = UserSession.objects.get(user=user)
    assert other.post(reverse("end_session", args=[session.pk])).status_code == 404
    assert other.get(reverse("end_session", args=[session.pk])).status_code == 405
    other.post(LIST)
    assert is_signed_in(victim)
    assert "192.0.2.1" not in other.get(LIST).content.decode()


def test_the_last_use_is_noted_every_few_minutes_and_not_with_every_request(user: User) -> None:
    here = log_in(user, "192.0.2.1")
    cache.clear()
    here.get(LIST)
    past = timezone.now() - timedelta(hours=1)
    UserSession.objects.update(last_seen_at=past)
    here.get(LIST)
    assert UserSession.objects.get().last_seen_at == past
    cache.clear()
    here.get(LIST)
    assert UserSession.objects.get().last_seen_at > past


def test_a_session_from_before_the_list_appears_on_it(user: User) -> None:
    here = log_in(user, "192.0.2.1")
    UserSession.objects.all().delete()
    cache.clear()
    here.get(LIST)
    assert "192.0.2.1" in here.get(LIST).content.decode()
