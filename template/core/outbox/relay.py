"""The relay: `python -m core.outbox.relay` tells Celery about committed rows, and keeps the clock.

Any number may run. It marks rows before it publishes them and holds no lock meanwhile. What falls
between the two, and what the broker forgets, it finds again: a row that was published long before
the oldest message still waiting, and that nobody began, is published once more.
"""

import json
import signal
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import NamedTuple
from uuid import uuid4

import psycopg
import structlog
from celery import Celery
from kombu import Producer
from kombu.exceptions import KombuError
from redis import Redis
from redis.exceptions import RedisError

from core.env import get_settings
from core.logs import configure_logging
from core.outbox.declare import QUEUES, REGISTRY
from core.outbox.schedule import Periodic, add, tick
from core.outbox.work import TRY_AGAIN
from core.outbox.write import CHANNEL
from core.queue import make_celery
from core.tasks import SCHEDULE

log = structlog.get_logger()

BATCH = 500
# A header of each message, so that the oldest one at the broker tells how far the workers are, also
# when its row is done by now.
PUBLISHED_AT = "published_at"
# Seconds between looks at the clock and at rows whose notice was missed.
POLL = 1.0
# Seconds between searches for work that was dropped.
SWEEP = 2.0
# Seconds after which work that was begun, and that nobody holds, counts as dropped by its worker.
DROPPED_AFTER = 5
PRUNE_AFTER_DAYS = 30

# Losing a mark in a crash of the database costs a repeated delivery, so it need not be on disk.
MARK = """
    UPDATE outbox_message SET published_at = now(), started_at = NULL
    WHERE id IN (
        SELECT id FROM outbox_message
        WHERE published_at IS NULL AND done_at IS NULL AND available_at <= now()
          AND task = ANY(%(tasks)s)
        ORDER BY available_at, id LIMIT %(batch)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, task, published_at, set_config('synchronous_commit', 'off', true)
"""
# Without those that a worker has got hold of: a message may arrive although sending it failed.
UNMARK = """
    UPDATE outbox_message SET published_at = NULL
    WHERE id IN (
        SELECT id FROM outbox_message WHERE id = ANY(%(ids)s) FOR UPDATE SKIP LOCKED
    )
"""
DROPPED = """
    SELECT id, task, attempts FROM outbox_message
    WHERE published_at IS NOT NULL AND done_at IS NULL AND task = ANY(%(tasks)s)
      AND started_at < now() - %(seconds)s * interval '1 s'
    LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
"""
FORGOTTEN = """
    UPDATE outbox_message SET published_at = NULL
    WHERE id IN (
        SELECT id FROM outbox_message
        WHERE published_at < coalesce(%(oldest)s::timestamptz, now()) - %(seconds)s * interval '1 s'
          AND started_at IS NULL AND done_at IS NULL AND task = ANY(%(tasks)s)
        LIMIT %(batch)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""
PRUNE = "DELETE FROM outbox_message WHERE done_at < now() - %(days)s * interval '1 day'"


class Due(NamedTuple):
    """A row to publish."""

    id: int
    task: str
    published_at: datetime


class Relay:
    """One relay on one connection; `run` goes on until `stop`."""

    def __init__(self, celery: Celery, schedule: Sequence[Periodic]) -> None:
        settings = get_settings()
        self.celery = celery
        self.schedule = schedule
        self.database_url = settings.database_url
        self.forgotten_after = settings.outbox_forgotten_seconds
        self.broker = Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5)
        self.stopping = threading.Event()

    def stop(self, *_: int | FrameType | None) -> None:
        """End after the current batch."""
        self.stopping.set()

    def run(self) -> None:
        """Relay until stopped, whatever goes away and comes back meanwhile."""
        while not self.stopping.is_set():
            try:
                with psycopg.connect(
                    self.database_url, autocommit=True, connect_timeout=5
                ) as connection:
                    self.relay(connection)
            except psycopg.OperationalError as error:
                log.warning("database_away", error=str(error).strip())
            except (KombuError, RedisError, OSError) as error:
                log.warning("broker_away", error=str(error))
            self.stopping.wait(POLL)

    def relay(self, connection: psycopg.Connection) -> None:
        """Relay over one connection. Raises what the database or the broker answers with."""
        connection.execute(f"LISTEN {CHANNEL}")
        add(connection, self.schedule)
        log.info("relay_ready")
        clock = Clock()
        while not self.stopping.is_set():
            if clock.passed("tick", POLL):
                tick(connection, self.schedule, datetime.now(UTC))
            if clock.passed("sweep", SWEEP):
                self.sweep(connection)
            if clock.passed("prune", 3600):
                connection.execute(PRUNE, {"days": PRUNE_AFTER_DAYS})
            if self.publish(connection) < BATCH:
                # Wakes at the first notice; those of a whole burst are read with it.
                for _ in connection.notifies(timeout=POLL, stop_after=1):
                    pass

    def publish(self, connection: psycopg.Connection) -> int:
        """Publish one batch of what is due; answers how many. What fails is left for later."""
        known = {"batch": BATCH, "tasks": list(REGISTRY)}
        rows = connection.execute(MARK, known).fetchall()
        due = [Due(*row[:3]) for row in rows]
        try:
            with (
                self.celery.producer_pool.acquire(block=True) as producer,
                # One round trip for all. The annotations of kombu do not know of it.
                producer.batch(),  # type: ignore[attr-defined]
            ):
                for each in due:
                    self.send(each, producer)
        except BaseException:
            connection.execute(UNMARK, {"ids": [each.id for each in due]})
            raise
        return len(due)

    def send(self, due: Due, producer: Producer) -> None:
        """Publish one row, as Celery's `send_task` does but without its signals and results.

        https://docs.celeryq.dev/en/stable/internals/protocol.html
        """
        message = self.celery.amqp.as_task_v2(
            str(uuid4()), due.task, args=(due.id,), ignore_result=True
        )
        producer.publish(
            message.body,
            exchange="",
            routing_key=REGISTRY[due.task].queue,
            serializer="json",
            headers={**message.headers, PUBLISHED_AT: due.published_at.isoformat()},
            **message.properties,
        )

    def sweep(self, connection: psycopg.Connection) -> None:
        """Find work that a dead worker dropped or that the broker forgot, to publish it again."""
        self.pick_up(connection)
        for queue in QUEUES:
            forgotten = {
                "oldest": self.oldest_waiting(queue),
                "seconds": self.forgotten_after,
                "tasks": [name for name, task in REGISTRY.items() if task.queue == queue],
                "batch": BATCH,
            }
            if rows := connection.execute(FORGOTTEN, forgotten).fetchall():
                log.warning("tasks_forgotten", queue=queue, count=len(rows))

    def pick_up(self, connection: psycopg.Connection) -> None:
        """Let what was dropped wait as after any other attempt that came to nothing.

        It may be one that failed and whose worker is about to say so, or died just before.
        """
        limits = {"seconds": DROPPED_AFTER, "tasks": list(REGISTRY), "batch": BATCH}
        with connection.transaction():
            for message_id, name, attempts in connection.execute(DROPPED, limits).fetchall():
                task = REGISTRY[name]
                # After the last one it waits for nothing but its burial, by the next worker.
                delay = task.delay_after(attempts) if attempts < task.max_attempts else 0
                which = {"id": message_id, "attempts": attempts}
                connection.execute(TRY_AGAIN.encode(), {**which, "delay": delay})
                log.warning("task_dropped", task=name, delay=round(delay), **which)

    def oldest_waiting(self, queue: str) -> str | None:
        """When the message was published that waits longest; workers take from the list's right."""
        text = self.broker.lindex(queue, -1)
        return None if text is None else json.loads(text)["headers"].get(PUBLISHED_AT)


class Clock:
    """Says when something that happens now and then is due."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}

    def passed(self, what: str, seconds: float) -> bool:
        """Whether so many seconds passed since this was last true."""
        now = time.monotonic()
        if now - self.last.get(what, -seconds) < seconds:
            return False
        self.last[what] = now
        return True


def main() -> None:
    """Relay until the process is asked to end."""
    configure_logging()
    relay = Relay(make_celery("relay"), SCHEDULE)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, relay.stop)
    relay.run()


if __name__ == "__main__":
    main()
