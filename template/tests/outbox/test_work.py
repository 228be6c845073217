"""A row is run once, tried again when it fails, and buried when it has failed enough."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.outbox import Enqueue, GiveUp, Task, work
from core.outbox.current import current_message_id
from core.outbox.declare import QUEUES, REGISTRY
from core.outbox.write import INSERT
from tests import PATIENCE
from tests.outbox.effects import EFFECT, Effect
from tests.outbox.working import Database, Transaction
from tests.outbox.world import World

PUBLISH = "UPDATE outbox_message SET published_at = now()"


def effect(payload: Effect, transaction: Transaction) -> None:
    """Have the effect."""
    transaction.execute(EFFECT, {"number": payload.number})


def ask(connection: psycopg.Connection, number: int, **options: Any) -> int | None:
    """Enqueue an effect and mark it as published; answers its row, if there is a new one."""
    parameters = Enqueue(Effect(number=number), **options).parameters
    row = connection.execute(INSERT.encode(), parameters).fetchone()
    connection.execute(PUBLISH)
    return row[0] if row else None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    keys=st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=1, max_size=12),
    deliveries=st.integers(1, 5),
    order=st.randoms(use_true_random=False),
)
def test_however_often_it_is_delivered_at_once_it_has_one_effect(
    empty: World,
    connection: psycopg.Connection,
    keys: list[str | None],
    deliveries: int,
    order: Any,
) -> None:
    connection.execute("TRUNCATE fault_effect, outbox_message")
    rows = [ask(connection, number, key=key) for number, key in enumerate(keys)]
    asked = [row for row in rows if row is not None]
    delivered = asked * deliveries
    order.shuffle(delivered)
    database = Database(empty.postgres.url)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda row: work.run(Effect, row, database, effect), delivered))
    # The first of each key counts; without a key each counts.
    expected = [n for n, key in enumerate(keys) if key is None or keys.index(key) == n]
    assert empty.numbers("fault_effect") == expected
    left = connection.execute("SELECT count(*) FROM outbox_message WHERE done_at IS NULL")
    assert left.fetchone() == (0,)


def test_a_second_delivery_does_not_wait_for_the_first(
    empty: World, connection: psycopg.Connection
) -> None:
    row = ask(connection, 1)
    assert row
    database = Database(empty.postgres.url)
    running, end = Event(), Event()

    def slow(payload: Effect, transaction: Transaction) -> None:
        effect(payload, transaction)
        running.set()
        assert end.wait(PATIENCE)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(work.run, Effect, row, database, slow)
        assert running.wait(PATIENCE)
        work.run(Effect, row, database, effect)
        assert not first.done()
        end.set()
    assert empty.numbers("fault_effect") == [1]


def test_each_attempt_knows_its_row(empty: World, connection: psycopg.Connection) -> None:
    row = ask(connection, 1)
    assert row
    seen: list[int | None] = []

    def fail(payload: Effect, transaction: Transaction) -> None:
        seen.append(current_message_id())
        raise ConnectionError

    for _ in range(2):
        work.run(Effect, row, Database(empty.postgres.url), fail)
        connection.execute(PUBLISH)
    assert seen == [row, row]
    assert current_message_id() is None


def test_what_fails_leaves_no_effect_and_is_tried_again(
    empty: World, connection: psycopg.Connection
) -> None:
    row = ask(connection, 1)
    assert row
    database = Database(empty.postgres.url)

    def fails(payload: Effect, transaction: Transaction) -> None:
        effect(payload, transaction)
        raise RuntimeError("not yet")

    work.run(Effect, row, database, fails)
    assert empty.numbers("fault_effect") == []
    assert connection.execute(
        "SELECT attempts, published_at, started_at FROM outbox_message"
    ).fetchone() == (1, None, None)
    connection.execute(PUBLISH)
    work.run(Effect, row, database, effect)
    assert empty.numbers("fault_effect") == [1]


def test_what_keeps_failing_is_buried_with_its_error_and_can_be_replayed(
    empty: World, connection: psycopg.Connection
) -> None:
    row = ask(connection, 7, key="seven", team_id=42)
    assert row
    database = Database(empty.postgres.url)

    def fails(payload: Effect, transaction: Transaction) -> None:
        raise RuntimeError("never")

    for _ in range(Effect.max_attempts):
        connection.execute(PUBLISH)
        work.run(Effect, row, database, fails)
    letter = connection.execute(
        "SELECT id, task, payload, key, team_id, attempts, error, traceback FROM outbox_deadletter"
    ).fetchone()
    assert letter
    assert letter[1:7] == (
        "faults.effect", {"number": 7}, "seven", 42, Effect.max_attempts, "RuntimeError: never",
    )  # fmt: skip
    assert "raise RuntimeError" in letter[7]
    assert connection.execute("SELECT count(*) FROM outbox_message").fetchone() == (0,)

    again = connection.execute(work.REPLAY.encode(), {"id": letter[0]}).fetchone()
    assert again
    assert connection.execute(work.REPLAY.encode(), {"id": letter[0]}).fetchone() is None
    connection.execute(PUBLISH)
    work.run(Effect, again[0], database, effect)
    assert empty.numbers("fault_effect") == [7]


def test_a_task_that_gives_up_is_not_tried_again(
    empty: World, connection: psycopg.Connection
) -> None:
    row = ask(connection, 1)
    assert row

    def gives_up(payload: Effect, transaction: Transaction) -> None:
        raise GiveUp("the customer is gone")

    work.run(Effect, row, Database(empty.postgres.url), gives_up)
    assert connection.execute("SELECT attempts, error FROM outbox_deadletter").fetchone() == (
        1,
        "GiveUp: the customer is gone",
    )


def test_a_row_whose_payload_no_longer_fits_is_buried_in_the_end(
    empty: World, connection: psycopg.Connection
) -> None:
    row = ask(connection, 1)
    assert row
    connection.execute("""UPDATE outbox_message SET payload = '{"was": 1}', attempts = 8""")
    work.run(Effect, row, Database(empty.postgres.url), effect)
    error = connection.execute("SELECT error FROM outbox_deadletter").fetchone()
    assert error
    assert error[0].startswith("ValidationError")


def test_bad_payloads_and_undeclared_tasks_fail_at_the_call() -> None:
    with pytest.raises(ValidationError):
        Effect(number="seven")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Effect(number=7, more=1)  # type: ignore[call-arg]

    class Mine(Task, name="faults.mine"):
        """Declared here."""

    with pytest.raises(ValueError, match=r"there is a task 'faults\.mine' already"):

        class Again(Task, name="faults.mine"):
            """Declared twice."""

    with pytest.raises(ValueError, match="choose one of urgent, default, mail"):

        class Elsewhere(Task, name="faults.elsewhere", queue="fast"):
            """On a queue that is not there."""

    assert Enqueue(Mine())
    del REGISTRY["faults.mine"]
    with pytest.raises(ValueError, match="not a declared task"):
        Enqueue(Mine())


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_a_length(key: str) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        Enqueue(Effect(number=1), key=key)


def test_waiting_times_grow_and_end() -> None:
    class Slow(Task, name="faults.slow"):
        """Waits as tasks do."""

    del REGISTRY["faults.slow"]
    delays = [Slow.delay_after(attempt) for attempt in range(1, 30)]
    assert 7.5 <= delays[0] <= 12.5
    assert max(delays) <= 4500
    assert 30 * 60 < sum(delays[: Slow.max_attempts - 1]) < 2 * 3600


def test_every_declared_task_has_a_queue() -> None:
    assert {task.queue for task in REGISTRY.values()} <= set(QUEUES)
