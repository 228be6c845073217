"""How the queue is doing, for readiness and the page of the staff."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celery.signals import heartbeat_sent, worker_shutdown
from redis import Redis

from core.env import get_settings

# A sorted set at the broker: each worker's name, and when it was last heard of.
WORKERS = "workers"
# Celery's heartbeat comes every two seconds.
ALIVE = 15

# Each part has an index that holds the open rows alone; those kept for their key may be many.
COUNT = """
    WITH due AS (
        SELECT available_at FROM outbox_message WHERE published_at IS NULL AND done_at IS NULL
    )
    SELECT (SELECT count(*) FROM due WHERE available_at <= now()),
           (SELECT count(*) FROM due WHERE available_at > now()),
           (SELECT count(*) FROM outbox_message
            WHERE published_at IS NOT NULL AND done_at IS NULL),
           coalesce((SELECT extract(epoch FROM now() - min(available_at)) FROM due
                     WHERE available_at <= now()), 0)::float8,
           (SELECT count(*) FROM outbox_deadletter WHERE replayed_at IS NULL)
"""


@dataclass(frozen=True)
class QueueStatus:
    """The state of the outbox and of those who work on it.

    Parameters
    ----------
    unpublished
        Rows that are due and not handed to the broker yet.
    later
        Rows that wait for their time: a date in the future, or the next try.
    published
        Rows at the broker or in the hands of a worker.
    oldest_unpublished
        Seconds that the oldest due row has waited for a relay.
    dead_letters
        What failed for good and nobody replayed.
    workers
        Names of the workers that were heard of lately.
    """

    unpublished: int
    later: int
    published: int
    oldest_unpublished: float
    dead_letters: int
    workers: tuple[str, ...]


def queue_status(row: Sequence[Any], workers: tuple[str, ...]) -> QueueStatus:
    """The status from the row of `COUNT` and the workers alive."""
    unpublished, later, published, oldest, dead = row
    return QueueStatus(unpublished, later, published, round(oldest, 1), dead, workers)


def broker() -> Redis:
    """A connection of its own; close it."""
    url = get_settings().redis_url
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def workers_alive() -> tuple[str, ...]:
    """Who was heard of lately. Raises `redis.RedisError` when the broker is away."""
    with broker() as connection:
        found = connection.zrangebyscore(WORKERS, time.time() - ALIVE, "+inf")
        return tuple(sorted(name.decode() for name in found))


@heartbeat_sent.connect
def note_worker(sender: Any, **_: Any) -> None:
    """A worker says that it is alive."""
    now = time.time()
    with broker() as connection:
        connection.zadd(WORKERS, {sender.eventer.hostname: now})
        connection.zremrangebyscore(WORKERS, "-inf", now - 10 * ALIVE)


@worker_shutdown.connect
def forget_worker(sender: Any, **_: Any) -> None:
    """A worker says goodbye."""
    with broker() as connection:
        connection.zrem(WORKERS, sender.hostname)
