"""What the outbox costs. Copied into a generated project, where it runs with the project's servers.

`python bench_outbox.py` prints one JSON object; `celery -A bench_outbox` is its worker.
"""

import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
from django.db import connection
from redis import Redis

from core.outbox import Enqueue, Task, relay
from core.outbox.write import INSERT
from tests.outbox import world
from web.celery import app
from web.queue import task

ENQUEUES = 2000
TASKS = 4000
LATENCIES = 300
ROUNDS = 5
STARTED = "INSERT INTO bench_started (number, at) VALUES (%(number)s, clock_timestamp())"
RELAY = (sys.executable, "bench_outbox.py", "relay")
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "bench_outbox", "worker"),
    *("--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle"),
)


class Nothing(Task, name="bench.nothing"):
    """Do nothing, as tasks do it."""


class Started(Task, name="bench.started"):
    """Note when it began."""

    number: int


@task(Nothing)
def nothing(payload: Nothing) -> None:
    pass


@task(Started)
def started(payload: Started) -> None:
    with connection.cursor() as cursor:
        cursor.execute(STARTED, {"number": payload.number})


@app.task(name="bench.plain")
def plain() -> None:
    pass


def enqueue_cost(url: str) -> tuple[float, float]:
    """Microseconds of a transaction that inserts a bare row, and of one that enqueues."""
    bare, asked = [], []
    parameters = Enqueue(Nothing()).parameters
    with psycopg.connect(url) as database:
        for _ in range(ENQUEUES):
            began = time.perf_counter()
            database.execute("INSERT INTO bench_bare (payload) VALUES ('{}')")
            database.commit()
            between = time.perf_counter()
            database.execute(INSERT.encode(), parameters)
            database.commit()
            bare.append(between - began)
            asked.append(time.perf_counter() - between)
        database.execute("TRUNCATE outbox_message")
    return statistics.median(bare) * 1e6, statistics.median(asked) * 1e6


def processor_time(made: world.World) -> float:
    """Seconds that all processes spent so far."""
    roots = [made.postgres.process, made.valkey.process, *made.processes.values()]
    spent = 0.0
    for root in roots:
        family = [psutil.Process(root.pid)]
        for process in (*family, *family[0].children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent += times.user + times.system
    return spent


def rate(made: world.World, left: Callable[[], int]) -> tuple[float, float]:
    """Tasks per second between the first tenth and the last, so without the worker's start.

    And the microseconds of processor time of each.
    """
    made.start("worker", *WORKER)
    # Looking costs the database something too, so not too often.
    while left() > TASKS * 0.9:
        time.sleep(0.1)
    began, spent, first = time.perf_counter(), processor_time(made), left()
    while left():
        time.sleep(0.1)
    taken, spent = time.perf_counter() - began, processor_time(made) - spent
    made.kill("worker")
    return first / taken, spent / first * 1e6


def plain_rate(made: world.World) -> tuple[float, float]:
    """Tasks that Celery runs by itself: per second, and the processor time of each."""
    for _ in range(TASKS):
        app.send_task("bench.plain", queue="default")
    with Redis.from_url(made.valkey.url) as broker:
        return rate(made, lambda: int(broker.llen("default")))


def outbox_rate(made: world.World) -> tuple[float, float]:
    """Tasks from committed rows to removed rows: per second, and the processor time of each."""
    with psycopg.connect(made.postgres.url, autocommit=True) as database:
        with database.cursor() as cursor:
            cursor.executemany(INSERT.encode(), [Enqueue(Nothing()).parameters] * TASKS)

        def left() -> int:
            row = database.execute("SELECT count(*) FROM outbox_message").fetchone()
            return row[0] if row else 0

        made.start("relay", *RELAY)
        try:
            return rate(made, left)
        finally:
            made.kill("relay")


def latency(made: world.World) -> tuple[float, float]:
    """Milliseconds from a commit to the begin of its task, with nothing else to do: p50, p99."""
    made.start("relay", *RELAY)
    made.start("worker", *WORKER)
    times = []
    with psycopg.connect(made.postgres.url, autocommit=True) as database:
        # The first ones wait for relay and worker to start.
        for number in range(-20, LATENCIES):
            database.execute(INSERT.encode(), Enqueue(Started(number=number)).parameters)
            committed = time.time()
            found = None
            while not found:
                found = database.execute(
                    "SELECT extract(epoch FROM at)::float8 FROM bench_started WHERE number = %s",
                    [number],
                ).fetchone()
            if number >= 0:
                times.append((found[0] - committed) * 1000)
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.99)]


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    with world.world(folder) as made:
        os.environ.update({"DATABASE_URL": made.postgres.url, "REDIS_URL": made.valkey.url})
        # Neither side logs a line for each task.
        os.environ["LOG_LEVEL"] = "WARNING"
        app.conf.broker_url = made.valkey.url
        made.query(
            "CREATE TABLE bench_bare (id bigserial PRIMARY KEY, payload jsonb); "
            "CREATE TABLE bench_started (number int, at timestamptz)"
        )
        bare, asked = enqueue_cost(made.postgres.url)
        # In turn, so that what else the machine does hits both.
        rounds = [(*plain_rate(made), *outbox_rate(made)) for _ in range(ROUNDS)]
        p50, p99 = latency(made)
    figures = (bare, asked, rounds, p50, p99)
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    if sys.argv[1:] == ["relay"]:
        relay.main()
    else:
        main()
