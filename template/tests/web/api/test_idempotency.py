"""A request that is sent twice under one key has one effect, and both get the same answer."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from core.api.limits import Budget
from tests import PATIENCE
from tests.web.api.conftest import Caller, token_of
from tests.web.conftest import make_user
from web.accounts.models import User
from web.api import auth
from web.api.models import IdempotencyKey
from web.teams.models import ApiKey, Invitation, Team

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def test_the_first_answer_is_given_again_byte_for_byte(call: Caller, team: Team) -> None:
    path, body = f"/teams/{team.pk}/api-keys", {"name": "Deployment"}
    first = call("POST", path, body, Idempotency_Key="one")
    again = call("POST", path, body, Idempotency_Key="one")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again["Content-Type"] == first["Content-Type"]
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert ApiKey.objects.count() == 1
    # It holds a new key, so it is not stored in the clear.
    assert first.json()["key"] not in IdempotencyKey.objects.get().answer


def test_an_answer_without_a_body_is_given_again(call: Caller, owner: User, team: Team) -> None:
    team.memberships.create(user=make_user("b@example.com"), role="owner")
    for _ in range(2):
        response = call("POST", f"/teams/{team.pk}/leave", Idempotency_Key="one")
        if response.status_code == 204:
            assert response.content == b""
    # Who has left is an outsider, whatever key they send.
    assert response.status_code == 404


def test_without_a_key_or_with_another_one_it_is_done_again(call: Caller) -> None:
    for headers in ({}, {}, {"Idempotency_Key": "one"}, {"Idempotency_Key": "two"}):
        assert call("POST", "/teams", {"name": "New"}, **headers).status_code == 201
    assert Team.objects.filter(name="New").count() == 4


def test_a_key_is_for_one_request(call: Caller) -> None:
    assert call("POST", "/teams", {"name": "One"}, Idempotency_Key="one").status_code == 201
    refused = call("POST", "/teams", {"name": "Two"}, Idempotency_Key="one")
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:problem:idempotency-key-reused"
    assert not Team.objects.filter(name="Two").exists()


def test_callers_do_not_share_keys(call: Caller) -> None:
    other = Caller(token_of(make_user("bob@example.com")))
    mine = call("POST", "/teams", {"name": "New"}, Idempotency_Key="one")
    theirs = other("POST", "/teams", {"name": "New"}, Idempotency_Key="one")
    assert mine.json()["id"] != theirs.json()["id"]


def test_a_request_that_failed_may_be_repeated(call: Caller, team: Team) -> None:
    path = f"/teams/{team.pk}/transfer"
    friend = make_user("b@example.com")
    body = {"user_id": friend.pk}
    assert call("POST", path, body, Idempotency_Key="one").status_code == 404
    assert not IdempotencyKey.objects.exists()
    team.memberships.create(user=friend, role="member")
    assert call("POST", path, body, Idempotency_Key="one").status_code == 200


def test_strangers_and_refused_callers_leave_no_row(
    owner: User, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Caller("session_wrong")
    assert stranger("POST", "/teams", {"name": "x"}, Idempotency_Key="a").status_code == 401
    monkeypatch.setattr(auth, "CALLS", Budget("none", amount=0, seconds=10**9))
    assert call("POST", "/teams", {"name": "x"}, Idempotency_Key="a").status_code == 429
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "\u00e9"])
def test_a_key_that_is_none(call: Caller, key: str) -> None:
    response = call("POST", "/teams", {"name": "New"}, Idempotency_Key=key)
    assert response.status_code == 422


class Together:
    """Sends requests at the same time, each on a connection of its own."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool

    def start(self, send: Callable[[], Any]) -> Future[Any]:
        def run() -> Any:
            try:
                return send()
            finally:
                connection.close()

        return self.pool.submit(run)


def wait_until_waiting(observer: psycopg.Connection[Any], number: int) -> None:
    """Until so many connections wait for a lock."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        row = observer.execute(WAITING).fetchone()
        if row and row[0] == number:
            return
    raise AssertionError(f"there never were {number} that wait")


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_have_one_effect(owner: User) -> None:
    team = Team.objects.create_for(owner, "Acme")
    token = token_of(owner)
    path = f"/teams/{team.pk}/invitations"

    def send() -> Any:
        body = {"email": "bob@example.com"}
        return Caller(token)("POST", path, body, Idempotency_Key="one")

    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    name = connection.settings_dict["NAME"]
    with psycopg.connect(f"{server}/{name}") as lock, ThreadPoolExecutor(2) as pool:
        # Whoever is first waits here, in the middle of its work, and the other one for the first.
        lock.execute("SELECT id FROM teams_team WHERE id = %s FOR UPDATE", [team.pk])
        both = [Together(pool).start(send) for _ in range(2)]
        with psycopg.connect(f"{server}/{name}", autocommit=True) as observer:
            wait_until_waiting(observer, 2)
        lock.rollback()
        answers = [each.result(PATIENCE) for each in both]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert sorted(answer.get("Idempotent-Replayed", "") for answer in answers) == ["", "true"]
    assert Invitation.objects.count() == 1


def test_a_browser_and_a_token_of_the_same_person_share_keys(call: Caller, owner: User) -> None:
    first = call("POST", "/teams", {"name": "New"}, Idempotency_Key="one")
    browser = Client()
    browser.force_login(owner)
    again = browser.post(
        "/api/v1/teams",
        {"name": "New"},
        content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )
    # The body is the same only if it is written in the same way.
    assert again.content == first.content
