"""Workers that are at it at the same time do not do it twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.outbox.write import Execute
from core.outgoing import endpoints
from core.outgoing.client import Client
from core.outgoing.deliver import deliver
from core.outgoing.deliveries import list_deliveries, send_test
from sandbox.receiver.inbox import Behaviour
from sandbox.receiver.thread import RunningReceiver, receiver_in_thread
from tests.outbox.working import Database
from tests.outgoing.conftest import add_people, make_team

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
