"""What it costs to pass on what a language model streams. Copied into a generated hybrid project.

`python bench_streams.py` prints one JSON object. Hand-written relays, that pass bytes on and know
nobody: an ASGI function, a route of FastAPI's, a view of Django's with async and one with threads.
The whole service asks as people do: with a token, a team of their own, rows for what was said, and
each event in its own format. Every answer has TOKENS tokens, PACE seconds apart; the model begins
when all have asked.
"""

import asyncio
import contextlib
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import aiohttp
import psutil
import psycopg
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from psycopg.rows import dict_row

from sandbox.ports import free_port

STREAMS, TOKENS, PACE = 500, 50, 0.02
ROUNDS = 5
LONG, FEW = 400, 100  # tokens and streams, where the processor time of a token is measured
WARM_UP = 20  # streams
LISTEN = (2.0, 6.0)  # seconds of a long stream in which it is measured
THREADS = 8
WORD = b" word"
END = b"event: end"  # it repeats the whole answer
AT_ONCE = 16  # streams that begin at a time
STREAM = "text/event-stream"
GRANIAN = (sys.executable, "-m", "granian", "--host", "127.0.0.1", "--log-level", "warning",
           "--backlog", "4096")  # fmt: skip


def upstream() -> str:
    """The address of the model, as ASSISTANT_URL has it."""
    return f"http://127.0.0.1:{os.environ['BENCH_PORT']}/v1"


def event(body: dict[str, Any]) -> bytes:
    """An event of the model's, as one chunk of HTTP."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "bench"}
    return chunk(b"data: " + json.dumps({**head, **body}).encode() + b"\n\n")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def delta(finish: str | None = None, **said: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": said, "finish_reason": finish}]})


class Model(asyncio.Protocol):
    """Streams an answer to each request, at the least cost there can be."""

    tokens = TOKENS
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    begin = head + delta(role="assistant", content="")
    token = delta(content=WORD.decode())
    usage = event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 50}})
    end = delta("stop") + usage + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"

    waiting: ClassVar[list["Model"]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.asked = b""

    def data_received(self, data: bytes) -> None:
        self.asked += data
        if not self.asked.endswith(b"}"):
            return
        together = int(re.findall(rb"among (\d+)", self.asked)[-1])
        self.asked, self.sent = b"", 0
        self.transport.write(self.begin)
        self.waiting.append(self)
        if len(self.waiting) >= together:
            now, loop = asyncio.get_running_loop().time(), asyncio.get_running_loop()
            for number, each in enumerate(self.waiting):
                # Not all in the same moment: nobody's answers are.
                each.due = now + PACE + PACE * number / together
                loop.call_at(each.due, each.say)
            self.waiting.clear()

    def say(self) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(self.token)
        self.sent += 1
        if self.sent == self.tokens:
            self.transport.write(self.end)
            return
        self.due += PACE
        asyncio.get_running_loop().call_at(self.due, self.say)


async def model(tokens: int) -> None:
    """Until the process is ended."""
    Model.tokens = tokens
    port = int(os.environ["BENCH_PORT"])
    await asyncio.get_running_loop().create_server(Model, "127.0.0.1", port, backlog=4096)
    await asyncio.Event().wait()


# ------------------------------------------------------------------------ hand-written relays
_session: list[aiohttp.ClientSession] = []


def session() -> aiohttp.ClientSession:
    """One for the process, made in its loop."""
    if not _session:
        timeout = aiohttp.ClientTimeout(total=None)
        connector = aiohttp.TCPConnector(limit=0)
        _session.append(aiohttp.ClientSession(connector=connector, timeout=timeout))
    return _session[0]


async def passed_on(question: bytes) -> AsyncIterator[bytes]:
    async with session().post(f"{upstream()}/chat/completions", data=question) as response:
        async for data in response.content.iter_any():
            yield data


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI function, for `--interface asginl`."""
    question = (await receive())["body"]
    headers = [(b"content-type", STREAM.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async for data in passed_on(question):
        await send({"type": "http.response.body", "body": data, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


fast = FastAPI()


@fast.post("/")
async def fast_relay(request: Request) -> StreamingResponse:
    return StreamingResponse(passed_on(await request.body()), media_type=STREAM)


async def django_async_view(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(passed_on(request.body), content_type=STREAM)


def django_sync_view(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(passed_on_by_a_thread(request.body), content_type=STREAM)


def passed_on_by_a_thread(question: bytes) -> Iterator[bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["BENCH_PORT"]))
    connection.request("POST", "/v1/chat/completions", question)
    response = connection.getresponse()
    while data := response.read1(65536):
        yield data
    connection.close()


urlpatterns = [path("async", django_async_view), path("sync", django_sync_view)]


def django(application: Any) -> Any:
    """Django with nothing but the view."""
    settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
    return application()


def __getattr__(name: str) -> Any:
    made = {"django_async": get_asgi_application, "django_sync": get_wsgi_application}
    if name not in made:
        raise AttributeError(name)
    return django(made[name])


# ------------------------------------------------------------------------------- who listens
class Listener(asyncio.Protocol):
    """Asks for one stream and hears when its tokens come."""

    def __init__(self, address: str, token: str, together: int) -> None:
        question = json.dumps({"content": f"Say something, among {together}."})
        self.request = (
            f"POST {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(question)}\r\n\r\n{question}"
        ).encode()
        loop = asyncio.get_running_loop()
        self.begun, self.ended = loop.create_future(), loop.create_future()
        self.times: list[float] = []
        self.tokens, self.is_over, self.tail = 0, False, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if not self.begun.done():
            self.begun.set_result(None)
        if not self.is_over:
            said, end, _ = data.partition(END)
            self.is_over = bool(end)
            if found := said.count(WORD):
                self.tokens += found
                self.times.append(now)
        # Enough to say what an answer was that is no stream.
        self.tail = (self.tail + data)[-1000:]
        if self.tail.endswith(b"0\r\n\r\n"):
            self.transport.close()
            self.ended.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.begun.done():
            self.begun.set_result(None)
        if not self.ended.done():
            self.ended.set_exception(AssertionError(f"broken off after {self.tokens}: {self.tail}"))


class Target:
    """A server in a process of its own, and the addresses and tokens of its streams."""

    def __init__(self, options: str, asked: list[tuple[str, str]], port: int = 0) -> None:
        self.port, self.asked = port or free_port(), asked
        command = (*GRANIAN, "--port", str(self.port), *options.split())
        variables = {
            **os.environ,
            **{"ASSISTANT_URL": upstream(), "ASSISTANT_MODEL": "bench", "ASSISTANT_KEY": "bench"},
        }
        self.process = port or subprocess.Popen(
            command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def processor_time(self) -> float:
        """Seconds that its processes spent so far."""
        if isinstance(self.process, int):
            return 0.0
        root = psutil.Process(self.process.pid)
        times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    async def listen(self, count: int, together: int) -> list[Listener]:
        """Begin so many streams, and wait until each is answered."""
        loop, slots = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

        async def begin(address: str, token: str) -> Listener:
            make = lambda: Listener(address, token, together)  # noqa: E731
            async with slots:
                while True:
                    with contextlib.suppress(ConnectionError):
                        listener = (await loop.create_connection(make, "127.0.0.1", self.port))[1]
                        break
                    await asyncio.sleep(0.1)
                if together > 1:
                    await listener.begun
            return listener

        return list(await asyncio.gather(*(begin(*each) for each in self.asked[:count])))

    async def measure(
        self, count: int = STREAMS, *, is_together: bool = True
    ) -> tuple[float, float, float]:
        """Seconds from the first token of all to the last; the 99th percentile of the gaps in
        milliseconds; processor milliseconds of a stream, its beginning and its end included."""
        spent = self.processor_time()
        listeners = await self.listen(count, count if is_together else 1)
        await asyncio.gather(*(each.ended for each in listeners))
        spent = self.processor_time() - spent
        if any(each.tokens != TOKENS for each in listeners):
            raise AssertionError([each.tokens for each in listeners])
        taken = max(each.times[-1] for each in listeners) - min(each.times[0] for each in listeners)
        gaps = [
            after - before
            for each in listeners
            for before, after in zip(each.times, each.times[1:], strict=False)
        ]
        return taken, percentile(gaps) * 1000, spent / count * 1000

    async def token_cost(self) -> float:
        """Microseconds of the processor for a token, of streams that go on."""
        listeners = await self.listen(FEW, FEW)
        begin, end = LISTEN
        await asyncio.sleep(begin)
        spent, heard = self.processor_time(), sum(each.tokens for each in listeners)
        await asyncio.sleep(end - begin)
        spent = self.processor_time() - spent
        heard = sum(each.tokens for each in listeners) - heard
        await asyncio.gather(*(each.ended for each in listeners))
        return spent / heard * 1_000_000


def percentile(figures: list[float]) -> float:
    """The 99th."""
    return statistics.quantiles(figures, n=100)[-1]


# -------------------------------------------------------------------------------- who they are
def people() -> list[tuple[str, str]]:
    """The address of a conversation of each, and their token."""
    from core.tokens import digest, new_token
    from tests.service.conftest import add_member, insert
    from tests.service.schema import MIGRATE

    subprocess.run(MIGRATE, check=True, capture_output=True)
    now, found = datetime.now(UTC), []
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as database:
        for number in range(STREAMS):
            token = new_token("session")
            user = {"password": "!", "name": "Ann", "is_active": True, "date_joined": now}
            user |= {"is_staff": False, "is_superuser": False, "email": f"a{number}@example.com"}
            user_id = insert(database, "accounts_user", **user)
            team_id = insert(database, "teams_team", name="Acme", created_at=now)
            add_member(database, team_id, user_id, "owner")
            login = {"kind": "session", "session_digest": "", "user_agent": "", "created_at": now}
            login |= {"digest": digest(token), "expires_at": now + timedelta(hours=1)}
            insert(database, "accounts_accesstoken", user_id=user_id, **login)
            said = {"team_id": team_id, "user_id": user_id, "title": "Bench"}
            number = insert(
                database, "assistant_conversation", **said, created_at=now, updated_at=now
            )
            address = f"/assistant/teams/{team_id}/conversations/{number}/messages"
            found.append((address, token))
    return found


@contextlib.contextmanager
def modelling(tokens: int) -> Iterator[None]:
    """The model, in a process of its own."""
    with subprocess.Popen((sys.executable, __file__, "model", str(tokens))) as process:
        try:
            while True:
                with contextlib.suppress(ConnectionError):
                    socket.create_connection(("127.0.0.1", int(os.environ["BENCH_PORT"]))).close()
                    break
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


@contextlib.contextmanager
def targets() -> Iterator[dict[str, Target]]:
    """All that is measured; `direct` is the model itself."""
    os.environ["BENCH_PORT"] = str(free_port())
    at = {name: [(f"/{name}", "")] * STREAMS for name in ("", "async", "sync")}
    asgi = "--interface asgi"
    started = {
        "direct": Target("", at[""], port=int(os.environ["BENCH_PORT"])),
        "bare": Target("--interface asginl bench_streams:bare", at[""]),
        "fastapi": Target(f"{asgi} bench_streams:fast", at[""]),
        "django": Target("--interface asginl bench_streams:django_async", at["async"]),
        "threads": Target(
            f"--interface wsgi --blocking-threads {THREADS} bench_streams:django_sync", at["sync"]
        ),
        "service": Target(f"{asgi} service.main:app", people()),
    }
    try:
        yield started
    finally:
        for target in started.values():
            if isinstance(target.process, subprocess.Popen):
                target.process.terminate()
                target.process.wait()


async def rounds(started: dict[str, Target], names: list[str]) -> dict[str, list[Any]]:
    """In turn, so that what else the machine does hits all alike; after one to warm up."""
    for name in names:
        await started[name].measure(WARM_UP)
    found: dict[str, list[Any]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            found[name].append(await started[name].measure())
    return found


async def costs(started: dict[str, Target], names: list[str]) -> dict[str, list[float]]:
    """What a token costs, in turn."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            found[name].append(await started[name].token_cost())
    return found


def main(chosen: list[str]) -> None:
    with targets() as started:
        names = chosen or [name for name in started if name != "threads"]
        with modelling(TOKENS):
            streams = asyncio.run(rounds(started, names))
            if not chosen:
                streams["threads"] = [asyncio.run(started["threads"].measure(is_together=False))]
        with modelling(LONG):
            tokens = asyncio.run(costs(started, [each for each in names if each != "direct"]))
    sys.stdout.write(json.dumps({"streams": streams, "tokens": tokens}) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["model"]:
        asyncio.run(model(int(sys.argv[2])))
    else:
        main(sys.argv[1:])
