"""Measures the reads of this stack; prints one JSON object.

`PYTHONPATH=. python -m reads.measure`, with servers of its own.
"""

import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import psycopg
from psycopg.rows import dict_row

from core.passwords import hash_password
from core.tokens import digest
from sandbox.ports import free_port, is_free
from tests.killable import PYTHON
from tests.outbox import world
from tests.service.conftest import insert

REQUESTS = 1500
ROUNDS = 5
SECONDS = 10.0  # that many connections are held for
LOGINS = 2  # clients
READS = 200  # in turn, while they log in
TOKEN, PASSWORD = "session_bench", "violet kettle marches"
GRANIAN = (*PYTHON, "granian", "--host", "127.0.0.1", "--log-level", "warning", "--interface")
WSGI = ("wsgi", "--blocking-threads", "4")
IS_HYBRID = find_spec("web") is not None
Figures = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A server that answers reads."""

    name: str
    path: str
    command: tuple[str, ...]
    port: int
    settings: str = ""  # Django's

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


# In pairs: the least, and the whole.
if IS_HYBRID:
    TARGETS = (
        Target("bare", "/me", ("asgi", "reads.bare:app"), free_port()),
        Target("service", "/service/me", ("asgi", "reads.whole:app"), free_port()),
        Target(
            "web-bare", "/me", (*WSGI, "reads.web_bare:application"), free_port(),
            settings="reads.web_settings",
        ),
        Target("web", "/api/v1/me", (*WSGI, "reads.web_whole:application"), free_port()),
    )  # fmt: skip
else:
    TARGETS = (
        Target("orm-bare", "/sessions", ("asgi", "reads.bare_orm:app"), free_port()),
        Target("orm", "/api/v1/sessions", ("asgi", "reads.whole:app"), free_port()),
    )
WHOLE = {"service", "web"} if IS_HYBRID else {"orm"}


@contextlib.asynccontextmanager
async def clients(connections: int) -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody who has logged in, with so many connections."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        yield session


async def load(url: str, connections: int, *, requests: int = 0, seconds: float = 0) -> Figures:
    """So many requests, or for so long; how long each took, and how many failed."""
    left, end = requests, time.perf_counter() + seconds
    times: list[float] = []
    errors = 0

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal left, errors
        while left > 0 if requests else time.perf_counter() < end:
            left -= 1
            began = time.perf_counter()
            try:
                async with session.get(url) as answer:
                    await answer.read()
                    errors += answer.status != 200
            except aiohttp.ClientError:
                errors += 1
            times.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with clients(connections) as session:
        await asyncio.gather(*(ask(session) for _ in range(connections)))
    times.sort()
    return {
        "rate": len(times) / (time.perf_counter() - began),
        "p50": times[len(times) // 2] * 1000,
        "p99": times[len(times) * 99 // 100] * 1000,
        "errors": errors,
        "count": len(times),
    }


def spent(pid: int) -> float:
    """Seconds of processor time of a process and those that it started."""
    seconds = 0.0
    for process in (root := psutil.Process(pid), *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def costs(made: world.World) -> dict[str, list[list[float]]]:
    """Of each target and round: requests a second, p50, p99, and processor time of one.

    In turn, so that what else the machine does hits all alike; the first round warms up.
    """
    figures: dict[str, list[list[float]]] = {target.name: [] for target in TARGETS}
    for number in range(ROUNDS + 1):
        for target in TARGETS:
            pid = made.processes[target.name].pid
            before = spent(pid)
            found = asyncio.run(load(target.url, 16, requests=REQUESTS))
            assert not found["errors"], f"{target.name}: {found['errors']} errors"
            each = (spent(pid) - before) / found["count"] * 1e6
            if number:
                figures[target.name].append([found["rate"], found["p50"], found["p99"], each])
    return figures


def sessions(database: psycopg.Connection[Any]) -> int:
    """How many connections PostgreSQL has ever taken."""
    # The counters are written by each session within a second.
    time.sleep(1.5)
    row = database.execute("SELECT sum(sessions) AS sum FROM pg_stat_database").fetchone()
    return int(row["sum"])


def crowds(database: psycopg.Connection[Any]) -> dict[str, Figures]:
    """Of each whole: 16 connections against 128, and what the database had to open for them."""
    found: dict[str, Figures] = {}
    for target in TARGETS:
        if target.name not in WHOLE:
            continue
        rates: dict[int, list[float]] = {16: [], 128: []}
        asyncio.run(load(target.url, 128, seconds=2))  # opens what it needs
        errors = count = 0
        before = sessions(database)
        for connections in (16, 128, 16, 128):
            each = asyncio.run(load(target.url, connections, seconds=SECONDS))
            rates[connections].append(each["rate"])
            errors, count = errors + each["errors"], count + each["count"]
        found[target.name] = {
            "16": statistics.median(rates[16]),
            "128": statistics.median(rates[128]),
            "errors": errors,
            "opened": (sessions(database) - before) / count * 1000,
        }
    return found


async def beside_logins(target: Target) -> Figures:
    """The middle of a read's time alone, and while others log in without pause."""
    me, url = (target.url.replace("/sessions", path) for path in ("/me", "/auth/login"))
    statuses: list[int] = []

    async def log_in(session: aiohttp.ClientSession) -> None:
        while True:
            credentials = {"email": "ann@example.com", "password": PASSWORD}
            async with session.post(url, json=credentials) as answer:
                statuses.append(answer.status)

    alone, beside = [], []
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            alone.append((await load(me, 1, requests=READS))["p50"])
            logins = [asyncio.create_task(log_in(session)) for _ in range(LOGINS)]
            beside.append((await load(me, 1, requests=READS))["p50"])
            for login in logins:
                login.cancel()
            await asyncio.gather(*logins, return_exceptions=True)
    assert set(statuses) <= {200}, set(statuses)
    return {"alone": alone, "beside": beside, "logins": len(statuses)}


def register(database: psycopg.Connection[Any]) -> None:
    """Ann, who has logged in."""
    now = datetime.now(UTC)
    ann = insert(
        database, "accounts_user", email="ann@example.com", password=hash_password(PASSWORD),
        name="Ann", is_active=True, is_staff=False, is_superuser=False, date_joined=now,
    )  # fmt: skip
    insert(
        database, "account_emailaddress", user_id=ann, email="ann@example.com", verified=True,
        primary=True,
    )  # fmt: skip
    insert(
        database, "accounts_accesstoken", user_id=ann, kind="session", digest=digest(TOKEN),
        session_digest="", user_agent="bench", created_at=now, last_used_at=now,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip


@contextlib.contextmanager
def serving(made: world.World) -> Iterator[None]:
    """All targets, each a process of its own."""
    for target in TARGETS:
        environment = {"DJANGO_SETTINGS_MODULE": target.settings} if target.settings else {}
        command = (*GRANIAN, *target.command, "--port", str(target.port))
        made.start(target.name, *command, **environment)
    for target in TARGETS:
        made.wait(lambda port=target.port: not is_free(port))  # type: ignore[misc]
    yield


def main() -> None:
    os.environ.update(LOG_LEVEL="WARNING", PYTHONPATH=".")
    with (
        world.world(Path(tempfile.mkdtemp())) as made,
        psycopg.connect(made.postgres.url, autocommit=True, row_factory=dict_row) as database,
    ):
        register(database)
        with serving(made):
            figures: Figures = {"costs": costs(made), "crowds": crowds(database)}
            if not IS_HYBRID:
                figures["logins"] = asyncio.run(beside_logins(TARGETS[-1]))
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main()
