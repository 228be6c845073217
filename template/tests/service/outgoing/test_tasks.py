"""The tasks do in SQLAlchemy's session what `core.outgoing` does over any connection."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from core.outgoing import deliveries, endpoints
from core.outgoing.endpoints import create_endpoint
from core.outgoing.tasks import Deliver, Sweep
from sandbox.receiver.inbox import Behaviour
from sandbox.receiver.thread import RunningReceiver, receiver_in_thread
from service.execute import executor
from service.outgoing.tasks import deliver, sweep
from service.tasks import WorkerDatabase

Database = psycopg.Connection[dict[str, object]]


@pytest.fixture
def receiver(environment: Callable[..., None]) -> Iterator[RunningReceiver]:
    """A receiver on this machine, which the settings allow."""
    environment(WEBHOOKS_ALLOW_LOCAL="true")
    with receiver_in_thread() as running:
        yield running


@pytest.fixture
def team(make_user: Callable[..., int], make_team: Callable[..., int]) -> int:
    """A team."""
    return make_team("Acme", owner=make_user("ann@example.com"))


def test_a_delivery_is_tried_until_the_receiver_is_gone(
    receiver: RunningReceiver, team: int, database: Database
) -> None:
    with WorkerDatabase().begin() as transaction:
        execute = executor(transaction.session.connection())
        endpoint, secret = create_endpoint(execute, team, url=receiver.address)
        endpoints.rotate_secret(execute, team, endpoint.id)
        sent = deliveries.send_test(execute, team, endpoint.id)
    for behaviour in (Behaviour.TAKES, Behaviour.FAILS, Behaviour.GONE):
        receiver.inbox.behaviour = behaviour
        with WorkerDatabase().begin() as transaction:
            deliveries.redeliver(executor(transaction.session.connection()), team, sent.id)
        with WorkerDatabase().begin() as transaction:
            deliver(Deliver(delivery=sent.id), transaction.session)
    with WorkerDatabase().begin() as transaction:
        execute = executor(transaction.session.connection())
        log = deliveries.get_delivery(execute, team, sent.id)
        found = endpoints.get_endpoint(execute, team, endpoint.id)
    assert [each.response_status for each in log.attempts] == [200, 500, 410]
    assert log.delivery.status == "failed"
    assert found.disabled_reason == "It answered 410 Gone."
    mails = database.execute("SELECT 1 FROM outbox_message WHERE task = 'accounts.send_mail'")
    assert len(mails.fetchall()) == 1
    assert receiver.inbox.times(sent.message_id) == 3
    assert receiver.inbox.received[0].judgement(secret) == "The signature fits."


def test_a_sweep_runs(team: int, database: Database) -> None:
    with WorkerDatabase().begin() as transaction:
        execute = executor(transaction.session.connection())
        endpoint, _ = create_endpoint(execute, team, url="https://example.com/hook")
        deliveries.send_test(execute, team, endpoint.id)
        sweep(Sweep(), transaction.session)
        assert len(deliveries.list_deliveries(execute, team)) == 1
