"""What a worker makes of a delivery: tries, tries again for a day, and leaves who is dead alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.outbox.write import Execute
from core.outgoing import deliver as rules
from core.outgoing import deliveries, endpoints
from core.outgoing.client import Client
from core.outgoing.deliver import MOST_ATTEMPTS, SCHEDULE, deliver
from core.outgoing.deliveries import DeliveryLog, get_delivery, redeliver, send_test
from core.outgoing.emit import emit
from core.outgoing.endpoints import Endpoint
from core.outgoing.events import TestEvent
from core.outgoing.sign import signature
from core.outgoing.sweep import find_lost, forget
from core.outgoing.tasks import Deliver
from core.retry_after import MOST_SECONDS
from core.tasks import SendMail
from tests.outgoing.conftest import add_people, quiet_until
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


@given(
    attempts=st.integers(1, MOST_ATTEMPTS - 1),
    asked=st.floats(0, MOST_SECONDS),
    waited=st.floats(0, rules.GIVE_UP_AFTER.total_seconds()),
)
def test_nobody_comes_back_sooner_than_asked_nor_is_kept_waiting_without_end(
    attempts: int, asked: float, waited: float
) -> None:
    wait = rules.delay_after(attempts, rules.quiet_for(asked, waited))
    assert wait >= SCHEDULE[attempts - 1]
    assert wait >= asked or wait >= max(SCHEDULE) or waited + wait >= sum(SCHEDULE)
    assert wait <= max(SCHEDULE) * rules.JITTER
    if waited >= sum(SCHEDULE):
        assert wait <= SCHEDULE[attempts - 1] * rules.JITTER


def test_who_asks_for_ever_is_given_up_no_later_than_what_never_gets_a_turn() -> None:
    waited = 0.0
    for attempts in range(1, MOST_ATTEMPTS):
        waited += rules.delay_after(attempts, rules.quiet_for(MOST_SECONDS, waited))
    assert waited < rules.GIVE_UP_AFTER.total_seconds()


@pytest.mark.parametrize(
    ("status", "retry_after", "least"),
    [
        (429, b"3600", 3600),
        (503, b"3600", 3600),
        (503, b"DATE", 3600),
        (503, b"9" * 300, max(SCHEDULE)),
        (503, b"soon", SCHEDULE[0]),
        (503, b"1", SCHEDULE[0]),
        (503, b"Thu, 01 Jan 99999999999999999999 00:00:00 GMT", SCHEDULE[0]),
        (500, b"3600", SCHEDULE[0]),
    ],
)
def test_who_asks_for_time_is_left_alone_for_as_long(
    execute: Execute, team: int, listen: Listen, status: int, retry_after: bytes, least: int
) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    says_when = b"Retry-After: " + retry_after.replace(b"DATE", in_an_hour.encode())
    refusal = b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n%s\r\n\r\n" % (status, says_when)
    with receiver(says(refusal)) as one:
        log = tried(execute, team, send_test(execute, team, listen(one).id).id)
    following = log.delivery.next_attempt_at
    assert following
    assert following == asked(execute)[-1][1]
    wait = (following - datetime.now(UTC)).total_seconds()
    assert least - 5 < wait <= least * rules.JITTER


def not_now(seconds: int) -> bytes:
    """An answer that asks to be left alone for so long."""
    return b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: %d\r\n\r\n" % seconds


def happens(execute: Execute, team: int) -> int:
    """Have something happen in the team; answers the id of its only delivery."""
    assert emit(execute, team, TestEvent(message="It happened.")) == 1
    return deliveries.list_deliveries(execute, team, limit=1)[0].id


def asks_for_quiet(execute: Execute, seconds: float = 3600) -> datetime:
    """As if the only endpoint had asked to be left alone for so long; answers until when."""
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    execute("UPDATE outgoing_endpoint SET quiet_until = %(until)s", {"until": until})
    return until


def test_who_asks_for_time_is_told_nothing_else_meanwhile(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(not_now(600))) as one:
        listen(one)
        three = [happens(execute, team) for _ in range(3)]
        logs = [tried(execute, team, each) for each in three]
        assert len(one.requests) == 1
        until = quiet_until(execute)
        assert until
        assert 595 < (until - datetime.now(UTC)).total_seconds() <= 600
        assert [log.delivery.attempts for log in logs] == [1, 0, 0]
        assert [len(log.attempts) for log in logs] == [1, 0, 0]
        moments = [log.delivery.next_attempt_at for log in logs]
        assert moments == [moment for _, moment in asked(execute)[-3:]]
        assert all(each and each >= until for each in moments)
        # The second and the third ask within two seconds, but not in the same.
        assert all(each and each <= until + timedelta(seconds=2) for each in moments[1:])
        assert len(set(moments)) == 3
        # Then they come.
        asks_for_quiet(execute, -60)
        assert tried(execute, team, three[1]).delivery.attempts == 1
        assert tried(execute, team, three[2]).delivery.attempts == 0
    assert len(one.requests) == 2


@pytest.mark.parametrize(
    ("seconds", "waited", "least"),
    [
        (10**9, 0, rules.LONGEST_GAP),
        (10**9, rules.A_DAY - 3600, 3600),
        (600, rules.A_DAY - 3600, 600),
        (600, rules.A_DAY + 1, None),
        (0, 0, None),
    ],
)
def test_quiet_is_bounded(
    execute: Execute, team: int, listen: Listen, seconds: int, waited: int, least: int | None
) -> None:
    with receiver(says(not_now(seconds))) as one:
        listen(one)
        sent = happens(execute, team)
        age(execute, sent, timedelta(seconds=waited) / timedelta(days=1))
        tried(execute, team, sent)
    until = quiet_until(execute)
    if least is None:
        assert until is None
    else:
        assert until
        assert least - 5 < (until - datetime.now(UTC)).total_seconds() <= least


def test_who_asked_for_longer_is_left_alone_for_longer(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(not_now(600))) as one:
        endpoint = listen(one)
        until = asks_for_quiet(execute, 1200)
        # As one that was sent at the same time.
        tried(execute, team, send_test(execute, team, endpoint.id).id)
        assert quiet_until(execute) == until


def test_who_waits_for_long_looks_once_an_hour_whether_quiet_ended_early(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        listen(one)
        sent = happens(execute, team)
        asks_for_quiet(execute, rules.LONGEST_GAP)
        following = tried(execute, team, sent).delivery.next_attempt_at
        assert following
        wait = (following - datetime.now(UTC)).total_seconds()
        assert rules.LONGEST_WAIT - 5 < wait <= rules.LONGEST_WAIT + 2
    assert one.requests == []


def test_what_had_no_turn_for_days_because_of_quiet_ends_with_the_reason(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        listen(one)
        sent = happens(execute, team)
        asks_for_quiet(execute)
        for days, status in ((2.9, "pending"), (3.1, "failed")):
            age(execute, sent, days)
            log = tried(execute, team, sent)
            assert (log.delivery.status, log.delivery.attempts) == (status, 0)
    assert log.delivery.error == "It was given up: for 3 days it could not be sent."
    assert one.requests == []


@pytest.mark.parametrize("how", ["test", "redelivery"])
def test_what_a_person_asks_for_goes_at_once_and_its_success_ends_quiet(
    execute: Execute, team: int, listen: Listen, how: str
) -> None:
    with receiver(says(OK)) as one:
        endpoint = listen(one)
        waiting = happens(execute, team)
        asks_for_quiet(execute)
        assert tried(execute, team, waiting).delivery.status == "pending"
        if how == "test":
            wanted = send_test(execute, team, endpoint.id).id
        else:
            wanted = happens(execute, team)
            age(execute, wanted, 0.1)
            assert tried(execute, team, wanted).delivery.status == "pending"
            redeliver(execute, team, wanted)
        assert tried(execute, team, wanted).delivery.status == "delivered"
        assert quiet_until(execute) is None
        assert tried(execute, team, waiting).delivery.status == "delivered"
    assert len(one.requests) == 2


def test_what_a_person_asks_for_waits_as_the_others_once_it_failed(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(not_now(600))) as one:
        sent = send_test(execute, team, listen(one).id)
        for _ in range(2):
            assert tried(execute, team, sent.id).delivery.attempts == 1
    assert len(one.requests) == 1


def test_a_success_of_what_was_sent_before_does_not_end_quiet(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        endpoint = listen(one)
        asks_for_quiet(execute, -60)

        class Meanwhile(Client):
            def post(self, *arguments: Any) -> Any:
                asks_for_quiet(execute)
                return super().post(*arguments)

        sent = send_test(execute, team, endpoint.id)
        execute("UPDATE outgoing_endpoint SET failing_since = now()", {})
        log = tried(execute, team, sent.id, Meanwhile(allow_local=True, total=2))
    assert log.delivery.status == "delivered"
    assert quiet_until(execute)


def test_a_former_address_does_not_ask_for_quiet_for_the_new_one(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(not_now(600))) as one:
        endpoint = listen(one)

        class Meanwhile(Client):
            def post(self, *arguments: Any) -> Any:
                endpoints.update_endpoint(execute, team, endpoint.id, url=f"{one.url}&two=2")
                return super().post(*arguments)

        sent = happens(execute, team)
        tried(execute, team, sent, Meanwhile(allow_local=True, total=2))
    assert len(one.requests) == 1
    assert quiet_until(execute) is None


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


def test_what_is_asked_for_during_the_last_attempt_has_all_of_them_anew(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(BROKEN)) as one:
        sent = send_test(execute, team, listen(one).id)
        execute("UPDATE outgoing_delivery SET attempts = %(n)s", {"n": MOST_ATTEMPTS - 1})

        class Meanwhile(Client):
            def post(self, *arguments: Any) -> Any:
                redeliver(execute, team, sent.id)
                return super().post(*arguments)

        log = tried(execute, team, sent.id, Meanwhile(allow_local=True, total=2))
    assert (log.delivery.status, log.delivery.attempts) == ("pending", 1)
    assert log.delivery.ended_at is None
    assert log.delivery.next_attempt_at == asked(execute)[-1][1]
    wait = (log.delivery.next_attempt_at - datetime.now(UTC)).total_seconds()
    assert 0 < wait < SCHEDULE[0] * rules.JITTER


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
    # Of the address the host alone: what follows it may be a secret.
    (host, *_) = {
        SendMail.model_validate_json(text).context["endpoint"]
        for text, _ in asked(execute, SendMail.name)
    }
    assert host == one.url.split("/")[2]


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
        for hours, is_off in ((24, False), (60, True)):
            sent = send_test(execute, team, endpoint.id)
            ago = {"id": sent.id, "ago": timedelta(hours=hours), "long": timedelta(days=6)}
            execute(
                "UPDATE outgoing_delivery SET asked_at = now() - %(ago)s WHERE id = %(id)s", ago
            )
            execute("UPDATE outgoing_endpoint SET failing_since = now() - %(long)s", ago)
            log = tried(execute, team, sent.id)
            assert log.delivery.status == "pending"
            now = endpoints.get_endpoint(execute, team, endpoint.id)
            assert (now.disabled_at is not None) == is_off


def test_one_success_is_a_new_start(execute: Execute, team: int, listen: Listen) -> None:
    with receiver(says(BROKEN)) as one:
        endpoint = listen(one)
        end_badly(execute, team, endpoint)
    with receiver(says(OK)) as one:
        # Where it is now, but not as people change it, which is a new start by itself.
        execute("UPDATE outgoing_endpoint SET url = %(url)s", {"url": one.url})
        assert endpoints.get_endpoint(execute, team, endpoint.id).failing_since
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


def age(execute: Execute, delivery: int, days: float) -> None:
    """Let it have been made so long ago."""
    execute(
        """
        UPDATE outgoing_delivery SET created_at = now() - %(ago)s, asked_at = now() - %(ago)s
        WHERE id = %(id)s
        """,
        {"id": delivery, "ago": timedelta(days=days)},
    )


@pytest.fixture
def busy(execute: Execute, team: int, database_url: str) -> Iterator[Endpoint]:
    """An endpoint at which as many are at work as may be."""
    endpoint = endpoints.create_endpoint(execute, team, url="http://localhost:9/")[0]
    with psycopg.connect(database_url) as others:
        for place in range(1, rules.AT_ONCE + 1):
            others.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))",
                [f"outgoing_endpoint {place}", endpoint.id],
            )
        yield endpoint


def test_what_got_no_turn_for_days_ends_with_the_reason(
    execute: Execute, team: int, busy: Endpoint
) -> None:
    sent = send_test(execute, team, busy.id)
    for days, status in ((2.9, "pending"), (3.1, "failed")):
        age(execute, sent.id, days)
        log = tried(execute, team, sent.id)
        assert (log.delivery.status, log.delivery.attempts) == (status, 0)
    assert log.delivery.error == "It was given up: for 3 days it could not be sent."
    assert log.delivery.next_attempt_at is None
    assert log.delivery.ended_at
    assert len(asked(execute)) == 2
    # By hand it has as long again.
    redeliver(execute, team, sent.id)
    assert tried(execute, team, sent.id).delivery.status == "pending"


def test_after_days_there_is_one_more_attempt_if_there_is_a_turn(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(BROKEN)) as one:
        sent = send_test(execute, team, listen(one).id)
        age(execute, sent.id, 3.1)
        log = tried(execute, team, sent.id)
    assert (log.delivery.status, log.delivery.attempts) == ("failed", 1)
    assert log.delivery.error == "It answered 500."
    assert len(asked(execute)) == 1


def test_who_waits_longer_asks_more_seldom_but_within_bounds(
    execute: Execute, team: int, busy: Endpoint
) -> None:
    def wait_of(delivery: int) -> float:
        following = tried(execute, team, delivery).delivery.next_attempt_at
        assert following
        return (following - datetime.now(UTC)).total_seconds()

    sent = send_test(execute, team, busy.id)
    assert 0 < wait_of(sent.id) <= 3
    age(execute, sent.id, 1 / 24)
    assert 80 < wait_of(sent.id) <= 270
    age(execute, sent.id, 2.9)
    assert 1790 < wait_of(sent.id) <= 5400
    # However young it is: many wait.
    execute(
        """
        WITH event AS (
            INSERT INTO outgoing_event (team_id, public_id, type, payload, created_at)
            SELECT %(team)s, 'msg_' || number, 'webhook.test', '{}', now()
            FROM generate_series(1, 1000) AS number
            RETURNING id
        )
        INSERT INTO outgoing_delivery
            (endpoint_id, event_id, team_id, status, attempts, created_at, asked_at,
             next_attempt_at)
        SELECT %(endpoint)s, id, %(team)s, 'pending', 0, now(), now(), now() FROM event
        """,
        {"team": team, "endpoint": busy.id},
    )
    assert 45 < wait_of(send_test(execute, team, busy.id).id) <= 152


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


def test_what_is_lost_again_and_again_ends_with_the_reason(
    execute: Execute, team: int, listen: Listen
) -> None:
    with receiver(says(OK)) as one:
        lost = send_test(execute, team, listen(one).id)
    now = datetime.now(UTC)
    for hours, status in ((71, "pending"), (73, "failed")):
        execute("UPDATE outbox_message SET done_at = now()", {})
        assert find_lost(execute, now + timedelta(hours=hours)) == 1
        log = get_delivery(execute, team, lost.id)
        assert (log.delivery.status, log.delivery.attempts) == (status, 0)
    assert log.delivery.error == "It was given up: for 3 days it could not be sent."
    assert len(asked(execute)) == 2
    assert find_lost(execute, now + timedelta(hours=74)) == 0


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
