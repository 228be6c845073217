"""Periodic work: each tick becomes one row of the outbox, however many relays look at the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from cronsim import CronSim

from core.outbox.declare import Task
from core.outbox.write import INSERT, Enqueue

# A new entry starts now: it does not make up for the past.
ADD = """
    INSERT INTO outbox_schedule (name, last_tick, last_error) VALUES (%(name)s, now(), '')
    ON CONFLICT (name) DO NOTHING
"""
LAST_TICKS = "SELECT name, last_tick FROM outbox_schedule"
# Whoever works comes to this table before any other, see `core.outbox`.
MESSAGES_FIRST = "LOCK TABLE outbox_message IN ROW EXCLUSIVE MODE"
TAKE = "SELECT last_tick FROM outbox_schedule WHERE name = %(name)s FOR UPDATE SKIP LOCKED"
TICK = "UPDATE outbox_schedule SET last_tick = %(tick)s WHERE name = %(name)s"


@dataclass(frozen=True)
class Periodic:
    """A task that runs by the clock.

    Parameters
    ----------
    name
        What it is called in the admin; never the same twice.
    cron
        Minute, hour, day, month and weekday in UTC, as in crontab(5); a sixth field in front are
        seconds.
    task
        The payload of each run.
    """

    name: str
    cron: str
    task: Task

    def __post_init__(self) -> None:
        """Refuse a bad cron expression where it is written. Raises `cronsim.CronSimError`."""
        CronSim(self.cron, datetime.now(UTC))

    def last_before(self, moment: datetime) -> datetime:
        """The newest tick that is not after the moment."""
        # The iteration leaves out the second at which it begins, so it begins in the next one.
        later = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        return next(CronSim(self.cron, later, reverse=True))


def tick(connection: psycopg.Connection, entries: Sequence[Periodic], now: datetime) -> int:
    """Enqueue what is due, at most one run for each entry; answers how many runs.

    Several ticks that were missed while nothing ran become one run. The row's lock and the key
    see to it that a tick is enqueued once, with any number of relays.
    """
    runs = 0
    last: dict[str, datetime] = dict(connection.execute(LAST_TICKS).fetchall())
    for entry in entries:
        due = entry.last_before(now)
        if last.get(entry.name, due) >= due:
            continue
        with connection.transaction():
            connection.execute(MESSAGES_FIRST)
            row = connection.execute(TAKE, {"name": entry.name}).fetchone()
            if row is None or row[0] >= due:
                continue
            key = f"{entry.name}@{due.isoformat()}"
            run = Enqueue(entry.task, key=key, schedule=entry.name)
            connection.execute(INSERT, run.parameters)
            connection.execute(TICK, {"name": entry.name, "tick": due})
            runs += 1
    return runs


def add(connection: psycopg.Connection, entries: Sequence[Periodic]) -> None:
    """Make the rows of entries that are new."""
    for entry in entries:
        connection.execute(ADD, {"name": entry.name})
