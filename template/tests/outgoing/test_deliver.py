"""What a worker makes of a delivery: tries, tries again for a day, and leaves who is dead alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from core.outbox.write import Execute
from core.outgoing import deliver as rules
from core.outgoing import deliveries, endpoints
from core.outgoing.client import Client
from core.outgoing.deliver import MOST_ATTEMPTS, SCHEDULE, deliver
from core.outgoing.deliveries import DeliveryLog, get_delivery, redeliver, send_test
from core.outgoing.endpoints import Endpoint
from core.outgoing.sign import signature
from core.outgoing.sweep import find_lost, forget
from core.outgoing.tasks import Deliver
from core.tasks import SendMail
from tests.outgoing.conftest import add_people
from tests.outgoing.hostile import OK, Receiver, receiver, says

CLIENT = Client(allow_local=True, total=2)
DUE = """
    UPDATE outgoing_delivery SET next_attempt_at = now()
    WHERE id = %(id)s AND status = 'pending'
"""
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 500 No\r\nContent-Length: 6\r\nX-Why: oops\r\n\r\nbroken"


@pytest.fixture(autouse=True)
def _development(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings allow this machine."""

    class Development:
        webhooks_allow_local = True

    monkeypatch.setattr(endpoints, "get_settings", Development)


Listen = Callable[[Receiver], Endpoint]


@pytest.fixture
def listen(execute: Execute, team: int) -> Listen:
    """Makes an endpoint of a receiver."""
    return lambda one: endpoints.create_endpoint(execute, team, url=one.url)[0]


def tried(execute: Execute, team: int, delivery: int, client: Client = CLIENT) -> DeliveryLog:
    """Try a delivery, as if its time had come; answers its log."""
    execute(DUE, {"id": delivery})
    deliver(execute, delivery, client)
    return get_delivery(execute, team, delivery)


def asked(execute: Execute, task: str = Deliver.name) -> list[tuple[Any, ...]]:
    """The payloads of what workers are asked for, and when."""
    statement = """
        SELECT payload::text, available_at FROM outbox_message WHERE task = %(task)s ORDER BY id
    """
    return [tuple(row) for row in execute(statement, {"task": task})]


def test_what_was_taken_is_delivered(execute: Execute, team: int, listen: Listen) -> None:
    with receiver(says(OK)) as one:
        endpoint, secret = endpoints.create_endpoint(execute, team, url=one.url)
        sent = send_test(execute, team, endpoint.id)
        log = tried(execute, team, sent.id)
    assert (log.delivery.status, log.delivery.attempts, log.delivery.error) == ("delivered", 1, "")
    assert log.delivery.next_attempt_at is None
    assert log.delivery.ended_at
    (attempt,) = log.attempts
    assert (attempt.response_status, attempt.response_body, attempt.error) == (200, "ok", "")
    (request,) = one.requests
    body = request.partition(b"\r\n\r\n")[2]
    moment = int(attempt.request_headers["webhook-timestamp"])
    assert attempt.request_headers["webhook-id"] == sent.message_id
    assert attempt.request_headers["webhook-signature"] == signature(
        secret, sent.message_id, moment, body
    )
    assert abs(moment - datetime.now(UTC).timestamp()) < 60
    deliver(execute, sent.id, CLIENT)
    assert len(one.requests) == 1


def test_what_failed_is_tried_again_for_a_day_and_then_no_more(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(BROKEN)) as one:
        sent = send_test(execute, team, listen(one).id)
        for number in range(1, MOST_ATTEMPTS):
            log = tried(execute, team, sent.id)
            assert (log.delivery.status, log.delivery.attempts) == ("pending", number)
            following = log.delivery.next_attempt_at
            assert following == asked(execute)[-1][1]
            wait = (following - datetime.now(UTC)).total_seconds()
            assert SCHEDULE[number - 1] - 5 < wait < SCHEDULE[number - 1] * rules.JITTER
        log = tried(execute, team, sent.id)
    assert (log.delivery.status, log.delivery.attempts) == ("failed", MOST_ATTEMPTS)
    assert log.delivery.next_attempt_at is None
    assert len(asked(execute)) == MOST_ATTEMPTS
    assert len(log.attempts) == MOST_ATTEMPTS
    last = log.attempts[-1]
    assert (last.response_status, last.response_body) == (500, "broken")
    assert last.response_headers["x-why"] == "oops"
    assert log.delivery.error == last.error == "It answered 500."
    ids = {attempt.request_headers["webhook-id"] for attempt in log.attempts}
    assert ids == {sent.message_id}
    bodies = {request.partition(b"\r\n\r\n")[2] for request in one.requests}
    assert len(bodies) == 1


def test_the_attempts_span_a_day_whatever_the_jitter() -> None:
    assert sum(SCHEDULE) >= timedelta(hours=24).total_seconds()
    delays = [rules.delay_after(1) for _ in range(50)]
    assert min(delays) >= SCHEDULE[0]
    assert max(delays) <= SCHEDULE[0] * rules.JITTER
    assert len(set(delays)) > 1


def test_who_does_not_answer_leaves_a_word_in_the_log(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        sent = send_test(execute, team, listen(one).id)
    (attempt,) = tried(execute, team, sent.id).attempts
    assert attempt.response_status is None
    assert "no connection" in attempt.error


def test_what_is_not_due_is_not_tried(execute: Execute, team: int, listen: Listen) -> None:
    with receiver(says(BROKEN)) as one:
        sent = send_test(execute, team, listen(one).id)
        tried(execute, team, sent.id)
        deliver(execute, sent.id, CLIENT)
    assert len(one.requests) == 1


def test_both_secrets_sign_for_a_day(execute: Execute, team: int, listen: Listen) -> None:
    with receiver(says(OK)) as one:
        endpoint, former = endpoints.create_endpoint(execute, team, url=one.url)
        _, secret = endpoints.rotate_secret(execute, team, endpoint.id)
        first = tried(execute, team, send_test(execute, team, endpoint.id).id)
        execute("UPDATE outgoing_endpoint SET former_until = now()", {})
        second = tried(execute, team, send_test(execute, team, endpoint.id).id)
    for log, number, secrets in ((first, 0, [secret, former]), (second, 1, [secret])):
        headers = log.attempts[0].request_headers
        body = one.requests[number].partition(b"\r\n\r\n")[2]
        moment = int(headers["webhook-timestamp"])
        assert headers["webhook-signature"].split() == [
            signature(each, log.delivery.message_id, moment, body) for each in secrets
        ]


def test_by_hand_it_is_tried_once_more_under_the_same_id(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        sent = send_test(execute, team, listen(one).id)
        tried(execute, team, sent.id)
        again = redeliver(execute, team, sent.id)
        assert (again.status, again.attempts) == ("pending", 0)
        log = tried(execute, team, sent.id)
    assert (log.delivery.status, len(log.attempts)) == ("delivered", 2)
    assert len({attempt.request_headers["webhook-id"] for attempt in log.attempts}) == 1


def test_what_is_switched_off_ends_with_the_reason(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        endpoint = listen(one)
        sent = send_test(execute, team, endpoint.id)
        endpoints.disable_endpoint(execute, team, endpoint.id)
        log = tried(execute, team, sent.id)
    assert (log.delivery.status, log.delivery.attempts) == ("failed", 0)
    assert log.delivery.error == "The endpoint is switched off: Switched off by hand."
    assert one.requests == []


def test_what_was_deleted_meanwhile_is_forgotten(execute: Execute, team: int) -> None:
    with receiver(says(BROKEN)) as one:
        endpoint = endpoints.create_endpoint(execute, team, url=one.url)[0]
        sent = send_test(execute, team, endpoint.id)
        execute("UPDATE outgoing_delivery SET next_attempt_at = now()", {})
        before = len(asked(execute))

        class Meanwhile(Client):
            def post(self, *arguments: Any) -> Any:
                endpoints.delete_endpoint(execute, team, endpoint.id)
                return super().post(*arguments)

        deliver(execute, sent.id, Meanwhile(allow_local=True, total=2))
    assert len(one.requests) == 1
    assert len(asked(execute)) == before
    execute("SET CONSTRAINTS ALL IMMEDIATE", {})


def written_to(execute: Execute) -> list[str]:
    """Who gets a mail."""
    mails = [SendMail.model_validate_json(text) for text, _ in asked(execute, SendMail.name)]
    assert {mail.template for mail in mails} <= {"webhook_disabled"}
    return sorted(mail.to for mail in mails)


def test_who_is_gone_is_switched_off_at_once_with_one_mail_to_each(
    execute: Execute, team: int, listen: Listen
) -> None:
    add_people(execute, team)
    with receiver(says(GONE)) as one:
        endpoint = listen(one)
        first, second, third = (send_test(execute, team, endpoint.id) for _ in range(3))
        log = tried(execute, team, first.id)
        # As one that was sent at the same time.
        execute("UPDATE outgoing_endpoint SET disabled_at = now()", {})
        rules.switch_off(
            execute, message_of(execute, second.id), "It answered 410 Gone.", timedelta()
        )
        tried(execute, team, third.id)
    assert (log.delivery.status, log.delivery.attempts) == ("failed", 1)
    now = endpoints.get_endpoint(execute, team, endpoint.id)
    assert now.disabled_at
    assert now.disabled_reason == "It answered 410 Gone."
    assert written_to(execute) == ["ann@example.com", "bob@example.com"]
    assert len(one.requests) == 1


def message_of(execute: Execute, delivery: int) -> rules.Message:
    """What a worker would read."""
    return rules.Message(*execute(rules.READ, {"delivery": delivery})[0])


def end_badly(execute: Execute, team: int, endpoint: Endpoint) -> None:
    """Have a delivery fail for the last time."""
    sent = send_test(execute, team, endpoint.id)
    execute(
        "UPDATE outgoing_delivery SET attempts = %(n)s WHERE id = %(id)s",
        {"n": MOST_ATTEMPTS - 1, "id": sent.id},
    )
    assert tried(execute, team, sent.id).delivery.status == "failed"


def test_who_failed_for_five_days_is_switched_off_once(
    execute: Execute, team: int, listen: Listen
) -> None:
    add_people(execute, team)
    with receiver(says(BROKEN)) as one:
        endpoint = listen(one)
        end_badly(execute, team, endpoint)
        assert endpoints.get_endpoint(execute, team, endpoint.id).failing_since
        for hours in (119, 121):
            since = datetime.now(UTC) - timedelta(hours=hours)
            execute("UPDATE outgoing_endpoint SET failing_since = %(since)s", {"since": since})
            end_badly(execute, team, endpoint)
            now = endpoints.get_endpoint(execute, team, endpoint.id)
            assert (now.disabled_at is not None) == (hours > 120)
        assert now.disabled_reason == "Nothing could be delivered for 5 days."
        assert written_to(execute) == ["ann@example.com", "bob@example.com"]
        noted = execute(
            "SELECT action, actor_kind, target_id FROM audit_entry WHERE team_id = %(team)s",
            {"team": team},
        )
        assert noted == [("webhook.disabled", "system", endpoint.id)]
        on = endpoints.enable_endpoint(execute, team, endpoint.id)
        assert (on.disabled_at, on.disabled_reason, on.failing_since) == (None, "", None)


def test_who_is_told_too_much_to_come_to_a_last_attempt_is_switched_off_too(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(BROKEN)) as one:
        endpoint = listen(one)
        for days, is_off in ((1, False), (3, True)):
            sent = send_test(execute, team, endpoint.id)
            ago = {"id": sent.id, "ago": timedelta(days=days), "long": timedelta(days=6)}
            execute(
                "UPDATE outgoing_delivery SET created_at = now() - %(ago)s WHERE id = %(id)s", ago
            )
            execute("UPDATE outgoing_endpoint SET failing_since = now() - %(long)s", ago)
            tried(execute, team, sent.id)
            now = endpoints.get_endpoint(execute, team, endpoint.id)
            assert (now.disabled_at is not None) == is_off


def test_one_success_is_a_new_start(execute: Execute, team: int, listen: Listen) -> None:
    with receiver(says(BROKEN)) as one:
        endpoint = listen(one)
        end_badly(execute, team, endpoint)
    with receiver(says(OK)) as one:
        endpoints.update_endpoint(execute, team, endpoint.id, url=one.url)
        tried(execute, team, send_test(execute, team, endpoint.id).id)
    assert endpoints.get_endpoint(execute, team, endpoint.id).failing_since is None


def test_a_secret_that_nobody_can_read_is_told(execute: Execute, team: int, listen: Listen) -> None:
    with receiver(says(OK)) as one:
        endpoint = listen(one)
        execute("UPDATE outgoing_endpoint SET secret = 'gAAA'", {})
        log = tried(execute, team, send_test(execute, team, endpoint.id).id)
    assert log.delivery.status == "pending"
    assert "make a new one" in log.delivery.error
    assert one.requests == []


@pytest.mark.parametrize("whose", ["endpoint", "failing endpoint", "team"])
def test_a_team_that_is_busy_waits_for_its_turn(
    execute: Execute, team: int, database_url: str, listen: Listen, whose: str
) -> None:
    with receiver(says(OK)) as one, psycopg.connect(database_url) as others:
        endpoint = listen(one)
        kind, number, places = {
            "endpoint": ("outgoing_endpoint", endpoint.id, rules.AT_ONCE),
            "failing endpoint": ("outgoing_endpoint", endpoint.id, rules.AT_ONCE_FAILING),
            "team": ("outgoing_team", team, rules.AT_ONCE_IN_TEAM),
        }[whose]
        if whose == "failing endpoint":
            execute("UPDATE outgoing_endpoint SET failing_since = now()", {})
        for place in range(1, places + 1):
            others.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))",
                [f"{kind} {place}", number],
            )
        sent = send_test(execute, team, endpoint.id)
        log = tried(execute, team, sent.id)
        assert (log.delivery.status, log.delivery.attempts) == ("pending", 0)
        assert one.requests == []
        assert asked(execute)[-1][1] == log.delivery.next_attempt_at
        # One place is free: a lock of a transaction goes with it.
        others.rollback()
        assert tried(execute, team, sent.id).delivery.status == "delivered"


def test_nobody_tries_what_somebody_is_at(
    execute: Execute, team: int, database_url: str, listen: Listen
) -> None:
    with receiver(says(OK)) as one, psycopg.connect(database_url) as others:
        sent = send_test(execute, team, listen(one).id)
        others.execute(rules.LOCK.encode(), {"delivery": sent.id})
        assert tried(execute, team, sent.id).delivery.status == "pending"
    assert one.requests == []


def test_deliveries_whose_task_is_gone_are_asked_for_again(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        endpoint = listen(one)
    lost, waiting = (send_test(execute, team, endpoint.id) for _ in range(2))
    execute(
        "DELETE FROM outbox_message WHERE payload ->> 'delivery' = %(id)s::text", {"id": lost.id}
    )
    now = datetime.now(UTC)
    assert find_lost(execute, now) == 0
    assert find_lost(execute, now + timedelta(hours=1)) == 1
    assert find_lost(execute, now + timedelta(hours=1)) == 0
    assert len(asked(execute)) == 2
    assert waiting.status == "pending"


def test_what_is_old_is_forgotten_unless_it_waits(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        endpoint = listen(one)
        ended, waiting = (send_test(execute, team, endpoint.id) for _ in range(2))
        tried(execute, team, ended.id)
    now = datetime.now(UTC)
    assert forget(execute, now + timedelta(days=29)) == 0
    assert forget(execute, now + timedelta(days=31)) == 1
    assert [each.id for each in deliveries.list_deliveries(execute, team)] == [waiting.id]
    execute("SET CONSTRAINTS ALL IMMEDIATE", {})
