"""The tasks do over Django's connection what `core.outgoing` does over any."""

from collections.abc import Iterator

import pytest

from core import env
from core.outgoing import deliveries, endpoints
from core.outgoing.endpoints import create_endpoint
from core.outgoing.tasks import Deliver, Sweep
from sandbox.receiver.inbox import Behaviour
from sandbox.receiver.thread import RunningReceiver, receiver_in_thread
from web.accounts.models import User
from web.outbox.models import Message
from web.outgoing.models import Endpoint
from web.outgoing.tasks import deliver, sweep
from web.queue import CurrentTransaction
from web.teams.models import Team


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningReceiver]:
    """A receiver on this machine, which the settings allow."""
    monkeypatch.setenv("WEBHOOKS_ALLOW_LOCAL", "true")
    env._load.cache_clear()
    with receiver_in_thread() as running:
        yield running
    monkeypatch.undo()
    env._load.cache_clear()


@pytest.fixture
def team(user: User) -> Team:
    """A team."""
    return Team.objects.all().create_for(user, "Acme")


def test_a_delivery_is_tried_until_the_receiver_is_gone(
    receiver: RunningReceiver, team: Team
) -> None:
    execute = CurrentTransaction().execute
    endpoint, secret = create_endpoint(execute, team.pk, url=receiver.address)
    endpoints.rotate_secret(execute, team.pk, endpoint.id)
    sent = deliveries.send_test(execute, team.pk, endpoint.id)
    deliver(Deliver(delivery=sent.id))
    assert receiver.inbox.received[0].judgement(secret) == "The signature fits."
    receiver.inbox.behaviour = Behaviour.FAILS
    deliveries.redeliver(execute, team.pk, sent.id)
    deliver(Deliver(delivery=sent.id))
    receiver.inbox.behaviour = Behaviour.GONE
    deliveries.redeliver(execute, team.pk, sent.id)
    deliver(Deliver(delivery=sent.id))
    log = deliveries.get_delivery(execute, team.pk, sent.id)
    assert [each.response_status for each in log.attempts] == [200, 500, 410]
    assert log.delivery.status == "failed"
    assert Endpoint.objects.get().disabled_reason == "It answered 410 Gone."
    assert Message.objects.filter(task="accounts.send_mail").count() == 1
    assert receiver.inbox.times(sent.message_id) == 3


def test_a_sweep_runs(team: Team) -> None:
    execute = CurrentTransaction().execute
    endpoint, _ = create_endpoint(execute, team.pk, url="https://example.com/hook")
    deliveries.send_test(execute, team.pk, endpoint.id)
    sweep(Sweep())
    assert len(deliveries.list_deliveries(execute, team.pk)) == 1
