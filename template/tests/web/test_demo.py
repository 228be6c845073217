"""The demo users of development."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from pydantic import SecretStr

from core.env import get_settings
from web.accounts.management.commands import demo
from web.accounts.models import User
from web.teams.models import Team


@pytest.fixture
def demo_password(monkeypatch: pytest.MonkeyPatch) -> str:
    """The password that the runner puts into .env."""
    password = "demo-password-of-the-test"
    with_password = get_settings().model_copy(update={"demo_password": SecretStr(password)})
    monkeypatch.setattr(demo, "get_settings", lambda: with_password)
    return password


def test_demo_users_log_in_and_are_made_once(db: None, demo_password: str) -> None:
    call_command("demo")
    browser = Client()
    data = {"login": "demo@example.com", "password": demo_password}
    assert browser.post(reverse("account_login"), data).status_code == 302
    before = list(User.objects.values_list("pk", "password"))
    call_command("demo")
    assert list(User.objects.values_list("pk", "password")) == before
    assert browser.get(reverse("dashboard")).status_code == 200
    assert User.objects.get(is_superuser=True).email == "admin@example.com"
    team = Team.objects.get(name="Acme")
    assert set(team.memberships.values_list("user__email", "role")) == {
        ("demo@example.com", "owner"),
        ("member@example.com", "member"),
    }


def test_without_a_password_nobody_is_made(db: None) -> None:
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        call_command("demo")
    assert not User.objects.exists()
