"""Workers outlive their broker and deadly work; who cannot go on ends, so that another begins."""

import contextlib
import signal
from collections.abc import Iterator

import psutil
import psycopg

from core.outbox import Enqueue
from core.outbox.write import INSERT
from tests import PATIENCE
from tests.outbox.effects import DEADLY, REQUEST, Effect
from tests.outbox.failing import FAIL
from tests.outbox.world import RELAY, WORKER, World

FAILING = (*WORKER, "--include=tests.outbox.failing")
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%effect%'"


def ask(world: World, number: int) -> None:
    """Ask for an effect."""
    with psycopg.connect(world.postgres.url) as connection:
        connection.execute(REQUEST, {"number": number, "writer": "test"})
        connection.execute(INSERT, Enqueue(Effect(number=number)).parameters)


@contextlib.contextmanager
def at_work(world: World) -> Iterator[None]:
    """A worker is in the middle of a task, and is held there."""
    with psycopg.connect(world.postgres.url) as holding:
        holding.execute("LOCK TABLE fault_effect IN ACCESS EXCLUSIVE MODE")
        ask(world, 1)
        world.wait(lambda: bool(world.query(WAITS)))
        yield


def test_a_worker_outlives_a_broker_that_dies_while_messages_are_put_back(empty: World) -> None:
    empty.start("relay", *RELAY)
    worker = empty.start("worker", *WORKER)
    with at_work(empty):
        # What it reads first when it goes on is the end of a connection that has no messages. While
        # it then closes the one that has, nobody is there to take them back.
        empty.cut_off_listeners(worker)
        empty.kill_the_broker()
        worker.send_signal(signal.SIGCONT)
        log = empty.folder / "worker.log"
        empty.wait(lambda: "Connection to broker lost" in log.read_text())
        empty.start_the_broker()
    ask(empty, 2)
    empty.wait_until_done()
    assert worker.poll() is None


def test_work_that_kills_each_worker_is_buried_and_the_rest_is_done(empty: World) -> None:
    ask(empty, DEADLY)
    ask(empty, 1)
    empty.start("relay", *RELAY)
    empty.start("worker", *WORKER)
    empty.wait(lambda: bool(empty.query("SELECT 1 FROM outbox_deadletter")))
    error = empty.query("SELECT error FROM outbox_deadletter")[0][0]
    assert error == "The worker died in the last of 9 attempts."
    empty.wait(lambda: empty.numbers("fault_effect") == [1])


def test_a_worker_that_cannot_go_on_ends_with_its_children(empty: World) -> None:
    empty.start("relay", *RELAY)
    worker = empty.start("worker", *FAILING)
    with at_work(empty):
        children = psutil.Process(worker.pid).children()
        worker.send_signal(FAIL)
        assert worker.wait(PATIENCE) == 1
        _, left = psutil.wait_procs(children, PATIENCE)
        assert left == []
