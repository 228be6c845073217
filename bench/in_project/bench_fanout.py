"""What a fan-out to five upstreams costs that take 100 ms each. Copied into a generated project.

`python bench_fanout.py` prints one JSON object. `bench_fanout:app` has the ceiling, aiohttp and
`gather` with no limit of anything, and beside it the same by `service.fanout`. The whole service
asks for what others know of a project, as it does for people: with a token, a team and its logs.
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import aiohttp
import psutil
import psycopg
from fastapi import FastAPI
from psycopg.rows import dict_row

from core.logs import configure_logging
from core.tokens import digest, new_token
from sandbox.ports import free_port
from service.fanout import Call, Success, open_upstreams
from service.product.endpoints import Facts
from tests.service.conftest import add_member, insert
from tests.service.schema import MIGRATE

DELAY = 0.1  # seconds
UPSTREAMS = 5
CALLERS = 32
ROUNDS = 5
ALONE, TOGETHER = 20, 1500  # requests of a round, by one caller and by all
ANSWER = b'{"facts": [{"title": "Registered", "text": "In 2019, in Lisbon"}]}'
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
GRANIAN = (sys.executable, "-m", "granian", "--interface", "asgi", "--log-level", "warning")


def addresses() -> list[str]:
    """Of the upstreams; each is a host of its own."""
    port = os.environ["BENCH_PORT"]
    return [f"http://127.0.0.{number}:{port}" for number in range(1, UPSTREAMS + 1)]


class Upstream(asyncio.Protocol):
    """Answers each request after the delay, at the least cost there can be."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(DELAY, self.answer)

    def answer(self) -> None:
        self.transport.write(REPLY % (len(ANSWER), ANSWER))


async def upstreams() -> None:
    """All of them, until the process is ended."""
    loop = asyncio.get_running_loop()
    for address in addresses():
        host, port = address.removeprefix("http://").split(":")
        await loop.create_server(Upstream, host, int(port), backlog=1000)
    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    named = {f"u{number}": address for number, address in enumerate(addresses())}
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector) as app.state.session,
        open_upstreams(named) as app.state.upstreams,
    ):
        yield


configure_logging()
app = FastAPI(lifespan=lifespan)


@app.get("/bare")
async def bare() -> dict[str, int]:
    async def get(address: str) -> Facts:
        async with app.state.session.get(f"{address}/facts") as response:
            return Facts.model_validate_json(await response.read())

    return {"came": len(await asyncio.gather(*map(get, addresses())))}


@app.get("/ask")
async def ask() -> dict[str, int]:
    calls = {
        name: Call(name, "facts", Facts.model_validate_json) for name in app.state.upstreams.names
    }
    results = await app.state.upstreams.ask(calls, deadline=2.0)
    return {"came": sum(isinstance(result, Success) for result in results.values())}


class Target:
    """A server in a process of its own, and what to ask it for."""

    def __init__(self, application: str, path: str, token: str = "") -> None:
        self.port = free_port()
        self.incomplete = 0  # answers that lack an upstream, as they may on a machine that is busy
        command = (*GRANIAN, "--port", str(self.port), application)
        named = ",".join(f"u{number}={address}" for number, address in enumerate(addresses()))
        self.process = subprocess.Popen(
            command, env={**os.environ, "UPSTREAMS": named}, stdout=subprocess.DEVNULL
        )
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()

    def processor_time(self) -> float:
        """Seconds that its processes spent so far."""
        root = psutil.Process(self.process.pid)
        times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    async def caller(self, count: int) -> list[float]:
        """Ask so often, one after the other; the milliseconds of each."""
        while True:
            with contextlib.suppress(ConnectionError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                break
            await asyncio.sleep(0.1)
        times = []
        for _ in range(count):
            began = time.perf_counter()
            writer.write(self.request)
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 OK" not in head:
                raise AssertionError(head)
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            body = json.loads(await reader.readexactly(int(length)))
            self.incomplete += body.get("came", len(body.get("facts", ()))) != UPSTREAMS
            times.append((time.perf_counter() - began) * 1000)
        writer.close()
        return times

    async def measure(self) -> tuple[float, float, float]:
        """Milliseconds for one caller; requests a second of all; CPU milliseconds of a request."""
        self.incomplete = 0
        alone = statistics.median(await self.caller(ALONE))
        began, spent = time.perf_counter(), self.processor_time()
        await asyncio.gather(*(self.caller(TOGETHER // CALLERS) for _ in range(CALLERS)))
        taken, spent = time.perf_counter() - began, self.processor_time() - spent
        count = TOGETHER // CALLERS * CALLERS
        if self.incomplete > count / 100:
            raise AssertionError(f"too busy to measure: {self.incomplete} answers lack an upstream")
        return alone, count / taken, spent / count * 1000


def somebody() -> tuple[str, str]:
    """The address of a project, and the token of its owner."""
    subprocess.run(MIGRATE, check=True, capture_output=True)
    now, token = datetime.now(UTC), new_token("session")
    with psycopg.connect(
        os.environ["DATABASE_URL"], autocommit=True, row_factory=dict_row
    ) as database:
        user = {"password": "!", "name": "Ann", "is_active": True, "date_joined": now}
        user |= {"is_staff": False, "is_superuser": False, "email": "ann@example.com"}
        user_id = insert(database, "accounts_user", **user)
        team_id = insert(database, "teams_team", name="Acme", created_at=now)
        add_member(database, team_id, user_id, "owner")
        project = {"name": "Website", "description": "", "created_at": now, "updated_at": now}
        project_id = insert(database, "product_project", team_id=team_id, **project)
        login = {"kind": "session", "session_digest": "", "user_agent": "", "created_at": now}
        login |= {"digest": digest(token), "expires_at": now + timedelta(hours=1)}
        insert(database, "accounts_accesstoken", user_id=user_id, **login)
    return f"/service/teams/{team_id}/projects/{project_id}/enrichment", token


@contextlib.contextmanager
def targets() -> Iterator[list[Target]]:
    """The three, with the upstreams."""
    os.environ["BENCH_PORT"] = str(free_port())
    path, token = somebody()
    others = subprocess.Popen((sys.executable, __file__, "upstreams"))
    started = [
        Target("bench_fanout:app", "/bare"),
        Target("bench_fanout:app", "/ask"),
        Target("service.main:app", path, token),
    ]
    try:
        yield started
    finally:
        for process in (others, *(target.process for target in started)):
            process.terminate()
            process.wait()


async def rounds(started: list[Target]) -> list[list[tuple[float, float, float]]]:
    """In turn, so that what else the machine does hits all alike; after one to warm up."""
    for target in started:
        await asyncio.gather(*(target.caller(3) for _ in range(CALLERS)))
    return [[await target.measure() for target in started] for _ in range(ROUNDS)]


def main() -> None:
    with targets() as started:
        sys.stdout.write(json.dumps(asyncio.run(rounds(started))))


if __name__ == "__main__":
    if sys.argv[1:] == ["upstreams"]:
        asyncio.run(upstreams())
    else:
        main()
