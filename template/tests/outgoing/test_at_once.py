"""Workers that are at it at the same time do not do it twice."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from core.outbox.write import Execute
from core.outgoing import endpoints
from core.outgoing.client import Client
from core.outgoing.deliver import MOST_ATTEMPTS, READ, Message, Outcome, conclude, deliver
from core.outgoing.deliveries import list_deliveries, redeliver, send_test
from core.outgoing.emit import emit
from core.outgoing.events import TestEvent
from sandbox.receiver.inbox import Behaviour
from sandbox.receiver.thread import RunningReceiver, receiver_in_thread
from tests.outbox.working import Database
from tests.outgoing.conftest import add_people, make_team

WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"

pytestmark = pytest.mark.usefixtures("committed")


def together(database_url: str, deliveries: list[int], receiver: RunningReceiver) -> None:
    """Let a worker of its own try each delivery, all at the same time."""
    # Whoever comes first is not done before the last one came.
    receiver.inbox.seconds = 0.5

    def work(delivery: int) -> None:
        with Database(database_url).begin() as transaction:
            deliver(transaction.execute, delivery, Client(allow_local=True))

    with ThreadPoolExecutor(len(deliveries)) as pool:
        list(pool.map(work, deliveries))


def test_of_two_who_hear_that_it_is_gone_one_writes_the_mails(
    execute: Execute, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "checked_url", str)
    team = make_team(execute, "Ants")
    add_people(execute, team)
    with receiver_in_thread() as receiver:
        receiver.inbox.behaviour = Behaviour.GONE
        endpoint, _ = endpoints.create_endpoint(execute, team, url=receiver.address)
        sent = [send_test(execute, team, endpoint.id).id for _ in range(2)]
        together(database_url, sent, receiver)
        assert len(receiver.inbox.received) == 2
    assert endpoints.get_endpoint(execute, team, endpoint.id).disabled_at
    assert [each.status for each in list_deliveries(execute, team)] == ["failed"] * 2
    mails = execute("SELECT id FROM outbox_message WHERE task = 'accounts.send_mail'", {})
    assert len(mails) == 2  # to the owner and to the admin
    assert len(execute("SELECT id FROM audit_entry", {})) == 1


def test_of_two_who_try_the_same_delivery_one_sends(
    execute: Execute, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "checked_url", str)
    team = make_team(execute, "Ants")
    with receiver_in_thread() as receiver:
        endpoint, _ = endpoints.create_endpoint(execute, team, url=receiver.address)
        sent = send_test(execute, team, endpoint.id).id
        together(database_url, [sent] * 4, receiver)
        assert len(receiver.inbox.received) == 1


def test_a_slow_receiver_of_one_team_leaves_room_for_the_others(
    execute: Execute, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "checked_url", str)
    team = make_team(execute, "Ants")
    with receiver_in_thread() as receiver:
        endpoint, _ = endpoints.create_endpoint(execute, team, url=receiver.address)
        sent = [send_test(execute, team, endpoint.id).id for _ in range(6)]
        together(database_url, sent, receiver)
        # The others did not wait for the slow one: they come again later.
        assert len(receiver.inbox.received) == 2
    states = [each.status for each in list_deliveries(execute, team)]
    assert (states.count("delivered"), states.count("pending")) == (2, 4)


def test_what_happens_does_not_fail_because_who_listened_is_deleted(
    execute: Execute, database_url: str
) -> None:
    team = make_team(execute, "Ants")
    endpoint, _ = endpoints.create_endpoint(execute, team, url="https://example.com/hook")
    database = Database(database_url)

    def delete() -> None:
        with database.begin() as transaction:
            endpoints.delete_endpoint(transaction.execute, team, endpoint.id)

    with ThreadPoolExecutor(1) as pool:
        with database.begin() as happening:
            emit(happening.execute, team, TestEvent(message="It happened."))
            deletion = pool.submit(delete)
            wait_for_lock(execute, deletion)
        deletion.result(10)
    assert endpoints.list_endpoints(execute, team) == []
    assert list_deliveries(execute, team) == []


def test_what_is_asked_for_as_the_last_attempt_ends_has_all_of_them_anew(
    execute: Execute, database_url: str
) -> None:
    team = make_team(execute, "Ants")
    endpoint, _ = endpoints.create_endpoint(execute, team, url="https://example.com/hook")
    sent = send_test(execute, team, endpoint.id).id
    execute("UPDATE outgoing_delivery SET attempts = %(n)s", {"n": MOST_ATTEMPTS - 1})
    ((*row,),) = execute(READ, {"delivery": sent})
    failed = Outcome(datetime.now(UTC), 1, {}, None, "It failed.")
    database = Database(database_url)

    def fail() -> None:
        with database.begin() as transaction:
            conclude(transaction.execute, sent, Message(*row), failed)

    with ThreadPoolExecutor(1) as pool:
        with database.begin() as asking:
            redeliver(asking.execute, team, sent)
            conclusion = pool.submit(fail)
            wait_for_lock(execute, conclusion)
        conclusion.result(10)
    (delivery,) = list_deliveries(execute, team)
    assert (delivery.status, delivery.attempts, delivery.error) == ("pending", 1, "It failed.")
    assert delivery.next_attempt_at


def wait_for_lock(execute: Execute, waiting: Future[None]) -> None:
    """Wait until it waits for somebody else, or is done."""
    end = time.monotonic() + 10
    while time.monotonic() < end and not waiting.done() and not execute(WAITS, {}):
        time.sleep(0.01)
