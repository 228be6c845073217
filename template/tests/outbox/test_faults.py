"""Whatever dies, every committed request has its effect once, and no rolled-back one has any."""

import random

import pytest

from tests.outbox.stack import WRITERS
from tests.outbox.world import RELAY, WORKER, World
from tests.outbox.writing import HOLD


def write_all(world: World, count: int, **environment: str) -> None:
    """Let each kind of writer write so many numbers, to the end."""
    writers = [
        world.write(module, 1000 * position, count, **environment)
        for position, module in enumerate(WRITERS)
    ]
    for writer in writers:
        assert len(set(world.said(writer))) == count
        assert world.processes[writer].wait() == 0


@pytest.mark.parametrize("module", WRITERS)
def test_a_web_process_killed_before_its_commit_leaves_nothing(empty: World, module: str) -> None:
    writer = empty.write(module, 0, 200, **{HOLD: "57"})
    assert 57 in empty.said(writer)
    empty.kill(writer)
    assert 57 not in empty.numbers("fault_request")
    empty.start("relay", *RELAY)
    empty.start("worker", *WORKER)
    empty.wait_until_done()
    assert len(empty.numbers("fault_effect")) == 57 - 11


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_relay_killed_while_it_publishes_loses_nothing(empty: World, when: str) -> None:
    empty.start("worker", *WORKER)
    write_all(empty, 150)
    dying = empty.start("dying", *RELAY, when, "3")
    assert dying.wait() == -9
    empty.start("relay", *RELAY)
    empty.wait_until_done()


def test_a_broker_that_forgets_everything_loses_nothing(empty: World) -> None:
    empty.start("relay", *RELAY)
    write_all(empty, 150)
    published = "SELECT count(*) FROM outbox_message WHERE published_at IS NULL"
    empty.wait(lambda: empty.query(published)[0][0] == 0)
    empty.empty_the_broker()
    empty.start("worker", *WORKER)
    empty.wait_until_done()


def test_a_crashed_database_loses_nothing(empty: World) -> None:
    empty.start("relay", *RELAY)
    empty.start("worker", *WORKER)
    writer = empty.write(WRITERS[0], 0, 300)
    for number in empty.said(writer):
        if number == 100:
            empty.restart_the_database()
    empty.wait_until_done()
    assert len(empty.numbers("fault_effect")) == 240


@pytest.mark.parametrize("seed", [1])
def test_a_storm_of_everything_loses_nothing(empty: World, seed: int) -> None:
    """Two relays, two workers, both writers, and every hundred numbers something else dies."""
    chance = random.Random(seed)  # noqa: S311
    commands = {"relay-1": RELAY, "relay-2": RELAY, "worker-1": WORKER, "worker-2": WORKER}
    for name, command in commands.items():
        empty.keep(name, *command)
    faults = [*commands, "broker", "database"]
    chance.shuffle(faults)
    for position, module in enumerate(WRITERS):
        writer = empty.write(module, 1000 * position, 320)
        for written, _ in enumerate(empty.said(writer)):
            if written % 100 == 99:
                strike(empty, faults.pop())
    empty.wait_until_done()
    assert faults == []


def strike(world: World, fault: str) -> None:
    """Kill one thing and bring it back."""
    if fault == "broker":
        world.empty_the_broker()
    elif fault == "database":
        world.restart_the_database()
    else:
        world.restart(fault)
