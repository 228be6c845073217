"""Relays: together, with a clock, and for work whose time has not come."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import psycopg
import pytest
from cronsim import CronSimError

from core.outbox import Enqueue, Task, work
from core.outbox.schedule import Periodic, add, tick
from core.outbox.write import INSERT
from core.tasks import SCHEDULE
from tests import PATIENCE
from tests.outbox.effects import EFFECT, Effect, Retried
from tests.outbox.working import Database, Transaction
from tests.outbox.world import RELAY, WORKER, World

NOON = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)
HOURLY = Periodic("hourly", "0 * * * *", Effect(number=1))


def ask(connection: psycopg.Connection, number: int, run_at: datetime | None = None) -> None:
    """Enqueue an effect."""
    parameters = Enqueue(Effect(number=number), run_at=run_at).parameters
    connection.execute(INSERT.encode(), parameters)


def test_work_is_not_begun_before_its_time(empty: World, connection: psycopg.Connection) -> None:
    ask(connection, 1, datetime.now(UTC) + timedelta(hours=1))
    ask(connection, 2, datetime.now(UTC) - timedelta(hours=1))
    ask(connection, 3)
    empty.start("relay", *RELAY)
    empty.start("worker", *WORKER)
    empty.wait(lambda: empty.numbers("fault_effect") == [2, 3])
    connection.execute("UPDATE outbox_message SET available_at = now()")
    empty.wait(lambda: empty.numbers("fault_effect") == [1, 2, 3])


def test_a_run_date_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Enqueue(Effect(number=1), run_at=NOON.replace(tzinfo=None))


def test_what_waits_behind_a_repeated_message_is_not_taken_for_forgotten(
    empty: World, connection: psycopg.Connection
) -> None:
    empty.empty_the_broker()
    for number in (1, 2, 3):
        ask(connection, number)
    empty.start("relay", *RELAY)
    empty.wait(lambda: empty.waiting_at_the_broker() == 3)
    # The oldest message tells of a row that is done by now; the others wait for longer than what
    # is taken for forgotten, but not much longer than that message.
    connection.execute("DELETE FROM outbox_message WHERE id = (SELECT min(id) FROM outbox_message)")
    old = "SELECT 1 FROM outbox_message HAVING min(published_at) < now() - interval '3 s'"
    empty.wait(lambda: bool(empty.query(old)))
    connection.execute(
        "UPDATE outbox_message SET published_at = now() - interval '1 minute' "
        "WHERE id = (SELECT max(id) FROM outbox_message)"
    )
    again = (
        "SELECT 1 FROM outbox_message WHERE published_at > now() - interval '30 s' "
        "AND id = (SELECT max(id) FROM outbox_message)"
    )
    empty.wait(lambda: bool(empty.query(again)))
    empty.wait(lambda: empty.waiting_at_the_broker() >= 4)
    assert empty.waiting_at_the_broker() == 4


def test_work_whose_worker_always_dies_is_buried(
    empty: World, connection: psycopg.Connection
) -> None:
    ask(connection, 1)
    connection.execute(
        "UPDATE outbox_message SET published_at = now(), attempts = 9, "
        "started_at = now() - interval '1 minute'"
    )
    empty.start("relay", *RELAY)
    empty.start("worker", *WORKER)
    empty.wait(lambda: bool(empty.query("SELECT 1 FROM outbox_deadletter")))
    error = empty.query("SELECT error FROM outbox_deadletter")[0][0]
    assert error == "The worker died in the last of 9 attempts."


class Killed(BaseException):
    """Ends whoever meets it, like `kill -9`."""


class KilledBetween(Database):
    """Of a worker that dies between its failed try and the note of the next one."""

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Die."""
        raise Killed


class HaltedBetween(Database):
    """Of a worker that is halted there."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.halted, self.go_on = Event(), Event()

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run the statement when the worker may go on."""
        self.halted.set()
        assert self.go_on.wait(PATIENCE)
        return super().execute(statement, parameters)


def fail(payload: Retried, transaction: Transaction) -> None:
    """Fail."""
    raise RuntimeError("not yet")


def publish(connection: psycopg.Connection, task: Task) -> int:
    """Ask for a task as a relay leaves it; answers its row."""
    row = connection.execute(INSERT.encode(), Enqueue(task).parameters).fetchone()
    connection.execute("UPDATE outbox_message SET published_at = now()")
    assert row
    return int(row[0])


def next_try(empty: World, connection: psycopg.Connection) -> float:
    """How many seconds a relay lets a row wait that it finds dropped by now."""
    now = "UPDATE outbox_message SET started_at = now() - interval '1 minute' RETURNING now()"
    looked = connection.execute(now).fetchone()
    empty.start("relay", *RELAY)
    seconds = "SELECT extract(epoch FROM available_at - %s)::float8 FROM outbox_message"

    def noted() -> float:
        row = connection.execute(seconds, looked).fetchone()
        assert row
        return float(row[0])

    empty.wait(lambda: noted() > 0)
    return noted()


def test_a_failed_try_waits_although_its_worker_died_before_it_said_so(
    empty: World, connection: psycopg.Connection
) -> None:
    row = publish(connection, Retried())
    with pytest.raises(Killed):
        work.run(Retried, row, KilledBetween(empty.postgres.url), fail)
    assert next_try(empty, connection) >= 7.5


def test_a_failed_try_waits_although_a_relay_looks_before_its_worker_says_so(
    empty: World, connection: psycopg.Connection
) -> None:
    row = publish(connection, Retried())
    database = HaltedBetween(empty.postgres.url)
    with ThreadPoolExecutor() as pool:
        trying = pool.submit(work.run, Retried, row, database, fail)
        assert database.halted.wait(PATIENCE)
        assert next_try(empty, connection) >= 7.5
        empty.kill("relay")
        # By the time that the worker goes on, another one is at the next try.
        begun = connection.execute(
            "UPDATE outbox_message SET published_at = now(), started_at = now(), attempts = 2 "
            "RETURNING *"
        ).fetchone()
        database.go_on.set()
        trying.result()
    assert connection.execute("SELECT * FROM outbox_message").fetchone() == begun


def test_with_many_clocks_each_tick_runs_once(empty: World, connection: psycopg.Connection) -> None:
    add(connection, [HOURLY])
    connection.execute("UPDATE outbox_schedule SET last_tick = %s", [NOON - timedelta(hours=1)])

    def look(_: int) -> int:
        with psycopg.connect(empty.postgres.url, autocommit=True) as mine:
            return tick(mine, [HOURLY], NOON)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(look, range(16))) == 1
    keys = connection.execute("SELECT key FROM outbox_message").fetchall()
    assert keys == [("hourly@2026-05-04T12:00:00+00:00",)]


def test_missed_ticks_become_one_run(empty: World, connection: psycopg.Connection) -> None:
    add(connection, [HOURLY])
    connection.execute("UPDATE outbox_schedule SET last_tick = %s", [NOON - timedelta(days=3)])
    assert tick(connection, [HOURLY], NOON) == 1
    assert tick(connection, [HOURLY], NOON + timedelta(minutes=59)) == 0
    assert tick(connection, [HOURLY], NOON + timedelta(minutes=60)) == 1


def test_a_tick_waits_for_the_messages_with_nothing_in_its_hands(
    empty: World, connection: psycopg.Connection
) -> None:
    add(connection, [HOURLY])
    connection.execute("UPDATE outbox_schedule SET last_tick = %s", [NOON - timedelta(days=3)])
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    with (
        psycopg.connect(empty.postgres.url, autocommit=True) as relay,
        ThreadPoolExecutor() as pool,
        connection.transaction(),
    ):
        connection.execute("LOCK TABLE outbox_message")
        ticking = pool.submit(tick, relay, [HOURLY], NOON)
        empty.wait(lambda: bool(empty.query(waiting)))
        connection.execute("LOCK TABLE outbox_schedule NOWAIT")
    assert ticking.result() == 1


def test_a_new_entry_does_not_make_up_for_the_past(
    empty: World, connection: psycopg.Connection
) -> None:
    add(connection, [HOURLY])
    add(connection, [HOURLY])
    assert tick(connection, [HOURLY], datetime.now(UTC)) in (0, 1)
    assert tick(connection, [HOURLY], datetime.now(UTC)) == 0


def test_how_a_run_ended_is_noted(empty: World, connection: psycopg.Connection) -> None:
    add(connection, [HOURLY])
    connection.execute("UPDATE outbox_schedule SET last_tick = %s", [NOON - timedelta(days=3)])
    tick(connection, [HOURLY], NOON)
    connection.execute("UPDATE outbox_message SET published_at = now(), attempts = 8")
    found = connection.execute("SELECT id FROM outbox_message").fetchone()
    assert found

    def fails(payload: Effect, transaction: Transaction) -> None:
        transaction.execute(EFFECT, {"number": payload.number})
        raise RuntimeError("no")

    work.run(Effect, found[0], Database(empty.postgres.url), fails)
    ended = connection.execute("SELECT last_error, last_finished_at FROM outbox_schedule")
    row = ended.fetchone()
    assert row
    assert row[0] == "RuntimeError: no"
    assert row[1] is not None


@pytest.mark.parametrize(("moment", "tick"), [("12:00:00", 12), ("12:59:59", 12), ("11:59:59", 11)])
def test_a_tick_is_due_at_its_own_second(moment: str, tick: int) -> None:
    found = HOURLY.last_before(datetime.fromisoformat(f"2026-05-04T{moment}+00:00"))
    assert found == datetime(2026, 5, 4, tick, tzinfo=UTC)


def test_a_bad_cron_expression_is_refused_where_it_is_written() -> None:
    with pytest.raises(CronSimError):
        Periodic("never", "61 * * * *", Effect(number=1))


def test_the_schedule_of_the_project_is_sound() -> None:
    names = [entry.name for entry in SCHEDULE]
    assert len(set(names)) == len(names)
    for entry in SCHEDULE:
        assert entry.last_before(NOON) <= NOON
