"""A worker that is killed between sending and its commit sends the same message once more."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from core.outbox.work import TRY_AGAIN
from core.outbox.write import Execute
from core.outgoing import endpoints
from core.outgoing.deliveries import get_delivery, send_test
from core.outgoing.tasks import Deliver
from tests.outgoing.conftest import make_team
from tests.outgoing.hostile import OK, receiver

PUBLISH = """
    UPDATE outbox_message SET published_at = now()
    WHERE task = %(task)s AND published_at IS NULL RETURNING id, attempts
"""


@pytest.mark.usefixtures("committed")
def test_a_killed_worker_repeats_the_message_under_its_id(
    execute: Execute, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers: list[subprocess.Popen[bytes]] = []

    def work(row: int) -> subprocess.Popen[bytes]:
        command = (sys.executable, "-m", "tests.outgoing.worker", database_url, str(row))
        workers.append(subprocess.Popen(command))
        return workers[-1]

    def kill_the_first(connection: socket.socket) -> None:
        if len(workers) == 1:
            os.kill(workers[0].pid, signal.SIGKILL)
        connection.sendall(OK)

    with receiver(kill_the_first) as one:
        monkeypatch.setattr(endpoints, "checked_url", str)
        team = make_team(execute, "Ants")
        endpoint, _ = endpoints.create_endpoint(execute, team, url=one.url)
        sent = send_test(execute, team, endpoint.id)
        ((row, _),) = execute(PUBLISH, {"task": Deliver.name})
        assert work(row).wait(20) == -signal.SIGKILL
        # The message was sent, and nothing is known of it: the row is there, and was begun once.
        log = get_delivery(execute, team, sent.id)
        assert (log.delivery.status, log.attempts) == ("pending", ())
        ((attempts,),) = execute("SELECT attempts FROM outbox_message", {})
        assert attempts == 1
        # As the relay does with what a worker dropped.
        execute(TRY_AGAIN, {"id": row, "attempts": attempts, "delay": 0})
        execute(PUBLISH, {"task": Deliver.name})
        assert work(row).wait(20) == 0
    log = get_delivery(execute, team, sent.id)
    assert (log.delivery.status, len(log.attempts)) == ("delivered", 1)
    assert not execute("SELECT id FROM outbox_message", {})
    ids = [re.findall(rb"webhook-id: (\S+)", request) for request in one.requests]
    assert ids == [[sent.message_id.encode()]] * 2
