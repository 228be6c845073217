"""How a worker runs one task: once, in the transaction that removes its row."""

import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

import psycopg
import structlog
from psycopg.rows import tuple_row

from core.logs import bind_request_id
from core.outbox.current import at_work_on
from core.outbox.declare import GiveUp, Task
from core.outbox.write import parse
from core.teams.context import team_scope

log = structlog.get_logger()

# Says that somebody began, so that the relay notices when they died. Each publication is begun
# once: whoever gets no row has been delivered a duplicate. Losing this in a crash of the database
# costs a repeated delivery, so the commit need not wait for the disk.
CLAIM = """
    UPDATE outbox_message SET started_at = now(), attempts = attempts + 1
    WHERE id = (
        SELECT id FROM outbox_message
        WHERE id = %(id)s AND published_at IS NOT NULL AND started_at IS NULL AND done_at IS NULL
        FOR UPDATE SKIP LOCKED
    )
    RETURNING payload::text, key, request_id, team_id, schedule, attempts,
              set_config('synchronous_commit', 'off', true)
"""
# A crash of the database that loses the commit of a task loses all that the task did in it, and
# brings the row back: again a repeated delivery, so again nobody waits for the disk. When the
# worker's whole machine is gone, nothing ends the connection but probes that stay unanswered.
SETTINGS = """
    RETURNING set_config('synchronous_commit', 'off', true),
              set_config('tcp_keepalives_idle', '10', true),
              set_config('tcp_keepalives_interval', '5', true),
              set_config('tcp_keepalives_count', '3', true)
"""
# The first statement of the task's own transaction: the row goes, and is back if that does not
# commit. The lock lasts as long as the task, and tells that somebody is at it.
REMOVE = f"DELETE FROM outbox_message WHERE id = %(id)s AND done_at IS NULL {SETTINGS}"  # noqa: S608
# A row with a key stays, to answer who asks for the same again.
KEEP = f"""
    UPDATE outbox_message SET done_at = now() WHERE id = %(id)s AND done_at IS NULL {SETTINGS}
"""  # noqa: S608  no input in it
# Both in one round trip, for round trips are most of what a task costs. It does not wait for locks,
# because nobody knows yet whether the claim succeeds.
TAKE = f"""
    {CLAIM}; COMMIT; BEGIN; DELETE FROM outbox_message WHERE id = (
        SELECT id FROM outbox_message WHERE id = %(id)s AND key IS NULL FOR UPDATE SKIP LOCKED
    ) {SETTINGS}
"""  # noqa: S608  no input in it
REPLAY = """
    WITH letter AS (
        UPDATE outbox_deadletter SET replayed_at = now()
        WHERE id = %(id)s AND replayed_at IS NULL RETURNING *
    )
    INSERT INTO outbox_message
        (task, payload, key, request_id, team_id, schedule, attempts, created_at, available_at)
    SELECT task, payload, key, request_id, team_id, schedule, 0, now(), now() FROM letter
    ON CONFLICT (task, key) WHERE key IS NOT NULL DO NOTHING
    RETURNING id, pg_notify('outbox', '')
"""
FINISH_SCHEDULED = """
    UPDATE outbox_schedule SET last_finished_at = now(), last_error = '' WHERE name = %(schedule)s
"""
# What became of an attempt: of this one, for whoever tells so late may find the next one begun.
TRY_AGAIN = """
    UPDATE outbox_message
    SET published_at = NULL, started_at = NULL, available_at = now() + %(delay)s * interval '1 s'
    WHERE id = %(id)s AND attempts = %(attempts)s AND done_at IS NULL
"""
BURY = """
    WITH message AS (
        DELETE FROM outbox_message
        WHERE id = %(id)s AND attempts = %(attempts)s AND done_at IS NULL RETURNING *
    ), run AS (
        UPDATE outbox_schedule SET last_finished_at = now(), last_error = %(error)s
        FROM message WHERE name = message.schedule
    )
    INSERT INTO outbox_deadletter
        (task, payload, key, request_id, team_id, schedule, attempts, error, traceback, failed_at)
    SELECT task, payload, key, request_id, team_id, schedule, attempts, %(error)s, %(traceback)s,
           now()
    FROM message
"""


class Transaction(Protocol):
    """A transaction of one of the frameworks, in which the task does its work."""

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The connection itself, on which nothing was run yet."""

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement in psycopg's style; answers its rows, if it has any."""


class Claimed(NamedTuple):
    """What the row says of the task, when a worker has claimed it."""

    payload: str
    key: str | None
    request_id: str
    team_id: int | None
    schedule: str
    attempts: int


T = TypeVar("T", bound=Transaction, covariant=True)


class Database(Protocol[T]):
    """How a worker of one of the frameworks reaches the database."""

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a statement that commits by itself; on a new connection if the old one broke."""

    def begin(self) -> AbstractContextManager[T]:
        """A transaction for one task."""


class NothingToDo(Exception):
    """The row is done, or not due, or somebody is at it."""


class WorkerDied(GiveUp):
    """The last attempt told no error: it took its worker along."""


def run(
    task: type[Task],
    message_id: int,
    database: Database[T],
    function: Callable[[Any, T], None],
) -> None:
    """Run `function(payload, transaction)` for a row, unless it is done or somebody is at it.

    What goes wrong ends in the database: a later try, or a dead letter. Raises only when the
    database itself is away, and then the relay repeats the delivery.
    """
    try:
        attempt(task, message_id, database, function)
    except psycopg.OperationalError:
        # The connection broke between two tasks, as when the database was restarted.
        attempt(task, message_id, database, function)


def attempt(
    task: type[Task],
    message_id: int,
    database: Database[T],
    function: Callable[[Any, T], None],
) -> None:
    """Do what `run` does. Raises `psycopg.OperationalError` if the connection was broken."""
    claimed = None
    try:
        with database.begin() as transaction:
            claimed = take(message_id, transaction)
            bind_request_id(claimed.request_id)
            structlog.contextvars.bind_contextvars(task=task.name, team_id=claimed.team_id)
            if claimed.attempts > task.max_attempts:
                raise WorkerDied(f"The worker died in the last of {task.max_attempts} attempts.")
            with team_scope(claimed.team_id), at_work_on(message_id):
                function(parse(task, claimed.payload), transaction)
            if claimed.schedule:
                transaction.execute(FINISH_SCHEDULED, {"schedule": claimed.schedule})
    except NothingToDo:
        log.info("task_skipped", task=task.name, message_id=message_id)
    except Exception as error:
        if claimed is None:
            raise
        fail(task, message_id, claimed, database, error)
    else:
        log.info("task_done", attempts=claimed.attempts)


def take(message_id: int, transaction: Transaction) -> Claimed:
    """Claim a row for good, and take it in the transaction. Raises `NothingToDo`."""
    with psycopg.ClientCursor(transaction.driver, row_factory=tuple_row) as cursor:
        row = cursor.execute(TAKE.encode(), {"id": message_id}).fetchone()
        is_held = cursor.set_result(-1).rowcount == 1
    if row is None:
        raise NothingToDo
    claimed = Claimed(*row[:6])
    if not is_held:
        # It has a key, or the relay or the bearer of a duplicate had just looked at it.
        statement = REMOVE if claimed.key is None else KEEP
        if not transaction.execute(statement, {"id": message_id}):
            raise NothingToDo
    return claimed


def fail(
    task: type[Task],
    message_id: int,
    claimed: Claimed,
    database: Database[Transaction],
    error: BaseException,
) -> None:
    """Arrange another try, or bury the task when it has had enough."""
    if isinstance(error, WorkerDied):
        reason, trace = str(error), ""
    else:
        reason = f"{type(error).__name__}: {error}"[:500]
        trace = "".join(traceback.format_exception(error))
    which = {"id": message_id, "attempts": claimed.attempts}
    if isinstance(error, GiveUp) or claimed.attempts >= task.max_attempts:
        log.error("task_dead", attempts=claimed.attempts, exc_info=error)
        database.execute(BURY, {**which, "error": reason, "traceback": trace})
    else:
        delay = task.delay_after(claimed.attempts)
        log.warning("task_failed", attempts=claimed.attempts, delay=round(delay), error=reason)
        database.execute(TRY_AGAIN, {**which, "delay": delay})
    if task.note_failure:
        database.execute(task.note_failure, {**json.loads(claimed.payload), "error": reason})
