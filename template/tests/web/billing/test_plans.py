"""A page of prices can be drawn without a login, from the plans that the API lists."""

import pytest
from django.test import Client

from core.api.limits import Budget
from tests.web.api.conftest import V1, Caller
from web.api import auth

pytestmark = pytest.mark.django_db


def test_plans_are_for_anybody_whatever_they_send() -> None:
    known = Client().get(f"{V1}/plans")
    assert known.status_code == 200
    assert known.json()["plans"]
    assert Caller("session_gone")("GET", "/plans").content == known.content


def test_who_asks_too_often_waits_and_nobody_elsewhere_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auth, "CALLS", Budget("plans", amount=2, seconds=10**9))
    here, elsewhere = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    answers = [here.get(f"{V1}/plans") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert elsewhere.get(f"{V1}/plans").status_code == 200
