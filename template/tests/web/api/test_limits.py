"""Callers have budgets."""

import pytest
from limits.storage import RedisStorage
from structlog.testing import capture_logs

from core.api.limits import Budget
from sandbox.ports import free_port
from tests.web.api.conftest import Caller, token_of
from tests.web.conftest import make_user
from web import limits
from web.accounts.models import User
from web.api import auth
from web.teams.models import Team, invitation


@pytest.fixture
def three_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that is soon spent, and no window that ends meanwhile."""
    monkeypatch.setattr(auth, "CALLS", Budget("three", amount=3, seconds=10**9))


def test_who_calls_too_often_waits(three_calls: None, call: Caller) -> None:
    left = [call("GET", "/me")["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = call("GET", "/me")
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert int(refused["Retry-After"]) > 0
    assert refused["RateLimit-Remaining"] == "0"


def test_one_callers_budget_is_not_anothers(
    three_calls: None, call: Caller, key: Caller, db: None
) -> None:
    for _ in range(4):
        call("GET", "/me")
    assert key("GET", "/teams").status_code == 200
    assert Caller(token_of(make_user("bob@example.com")))("GET", "/me").status_code == 200
    assert Caller("session_wrong")("GET", "/me").status_code == 401


def test_callers_pass_while_valkey_is_away(
    three_calls: None, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = RedisStorage(f"redis://127.0.0.1:{free_port()}")
    monkeypatch.setattr(limits, "storage", lambda: away)
    with capture_logs() as logs:
        assert [call("GET", "/me").status_code for _ in range(5)] == [200] * 5
    assert [log["budget"] for log in logs if log["event"] == "limit_not_counted"] == ["three"] * 5


def test_nobody_sends_endless_invitations(
    call: Caller, team: Team, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitation, "INVITATIONS", Budget("mails", amount=2, seconds=10**9))
    path = f"/teams/{team.pk}/invitations"
    first = call("POST", path, {"email": "a@example.com"})
    assert first.status_code == 201
    resent = call("POST", f"{path}/{first.json()['id']}/resend")
    assert resent.status_code == 200
    assert call("POST", path, {"email": "b@example.com"}).status_code == 429
    # Nor from another team of the same person.
    other = Team.objects.create_for(owner, "Other")
    refused = call("POST", f"/teams/{other.pk}/invitations", {"email": "b@example.com"})
    assert refused.status_code == 429
    assert not other.invitations.exists()
