"""What taking in a webhook costs. Copied into a hybrid project, with Django's view beside it.

`python bench_webhooks.py` prints one JSON object. `bench_webhooks:bare` is the least that a handler
can do, `bench_webhooks.tutorial` what Django and Celery tutorials show.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from django.http import HttpRequest, HttpResponse
from psycopg_pool import AsyncConnectionPool

from sandbox.ports import free_port, is_free
from sandbox.stripe.webhooks import signature
from tests.killable import PYTHON
from tests.outbox import world

SECRET = "whsec_bench"
REQUESTS = 1500
CONNECTIONS = 16
ROUNDS = 5
GRANIAN = (*PYTHON, "granian", "--host", "127.0.0.1", "--log-level", "warning")
WSGI = ("--interface", "wsgi", "--blocking-threads", "4")
INSERT = "INSERT INTO bench_event (event_id, payload) VALUES (%s, %s) ON CONFLICT DO NOTHING"
PAYLOAD = {f"field_{number}": f"value {number}" for number in range(80)}  # as large as Stripe's


# ------------------------------------------------------------------------------ the least there is
pool: AsyncConnectionPool | None = None
Message = dict[str, Any]


async def bare(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Verify and insert; no framework."""
    import stripe

    global pool
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    header = dict(scope["headers"])[b"stripe-signature"].decode()
    stripe.WebhookSignature.verify_header(body.decode(), header, SECRET, 300)
    event = json.loads(body)
    if pool is None:
        pool = AsyncConnectionPool(os.environ["DATABASE_URL"], open=False, max_size=8)
        await pool.open()
    async with pool.connection() as connection:
        await connection.execute(INSERT, (event["id"], body.decode()))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


# ---------------------------------------------------------------------------- what tutorials show
def tutorial(request: HttpRequest) -> HttpResponse:
    """Construct the event, get or create its row, and send its task."""
    import stripe

    from web.celery import app
    from web.webhooks.models import Event

    event = stripe.Webhook.construct_event(
        request.body, request.headers["Stripe-Signature"], SECRET
    )
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    row, is_new = Event.objects.get_or_create(
        source="tutorial",
        event_id=event.id,
        defaults={
            "type": event.type,
            "payload": json.loads(request.body),
            "created_at": moment,
            "received_at": moment,
        },
    )
    if is_new:
        app.send_task("bench.handle", args=[row.pk], queue="default")
    return HttpResponse()


# -------------------------------------------------------------------------------------- measuring
@dataclass(frozen=True)
class Target:
    """Something that takes in webhooks."""

    name: str
    port: int
    path: str


def body_of(number: str) -> bytes:
    """An event that nobody knows yet."""
    event = {
        "id": f"evt_{number}",
        "object": "event",
        "type": "customer.subscription.updated",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_1",
                            **PAYLOAD}},
    }  # fmt: skip
    return json.dumps(event, indent=2).encode()


async def load(target: Target, round_name: str) -> list[float]:
    """Send so many events; answers how long each took."""
    bodies = [body_of(f"{target.name}{round_name}{number}") for number in range(REQUESTS)]
    signed = [(body, signature(SECRET, body, int(time.time()))) for body in bodies]
    url = f"http://127.0.0.1:{target.port}{target.path}"
    times = []

    async def send(session: aiohttp.ClientSession) -> None:
        while signed:
            body, header = signed.pop()
            headers = {"Stripe-Signature": header, "Content-Type": "application/json"}
            began = time.perf_counter()
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == 200, f"{target.name}: {answer.status}"
            times.append(time.perf_counter() - began)

    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(send(session) for _ in range(CONNECTIONS)))
    return times


def spent(pid: int) -> float:
    """Seconds of processor time of a process and those that it started."""
    seconds = 0.0
    for process in (root := psutil.Process(pid), *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def measure(made: world.World, target: Target, server: str, round_name: str) -> list[float]:
    """Requests a second; milliseconds of the middle and of the slowest of a hundred; and the
    microseconds of processor time of the server, and of the database.
    """
    pids = (made.processes[server].pid, made.postgres.process.pid)
    before, began = [spent(pid) for pid in pids], time.perf_counter()
    times = sorted(asyncio.run(load(target, round_name)))
    taken = time.perf_counter() - began
    used = [spent(pid) - former for pid, former in zip(pids, before, strict=True)]
    made.query("TRUNCATE webhooks_event, outbox_message, bench_event")
    return [
        REQUESTS / taken,
        times[REQUESTS // 2] * 1000,
        times[REQUESTS * 99 // 100] * 1000,
        *(seconds / REQUESTS * 1e6 for seconds in used),
    ]


def main() -> None:
    ports = {name: free_port() for name in ("bare", "service", "web")}
    targets = {
        "bare": Target("bare", ports["bare"], "/"),
        "service": Target("service", ports["service"], "/webhooks/stripe"),
        "view": Target("view", ports["web"], "/webhooks/stripe"),
        "tutorial": Target("tutorial", ports["web"], "/tutorial"),
    }
    os.environ.update(
        {
            "STRIPE_SECRET_KEY": "sk_test_bench",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "LOG_LEVEL": "WARNING",
            "ORIGIN": f"http://127.0.0.1:{ports['web']}",
            "DJANGO_SETTINGS_MODULE": "bench_settings",
        }
    )
    with world.world(Path(tempfile.mkdtemp())) as made:
        made.query("CREATE TABLE bench_event (event_id text PRIMARY KEY, payload jsonb)")
        commands = {
            "bare": ("--interface", "asginl", "bench_webhooks:bare"),
            "service": ("--interface", "asgi", "service.main:app"),
            "web": (*WSGI, "web.wsgi:application"),
        }
        for name, command in commands.items():
            made.start(name, *GRANIAN, "--port", str(ports[name]), *command)
        figures: dict[str, list[list[float]]] = {name: [] for name in targets}
        for target in targets.values():
            made.wait(lambda port=target.port: not is_free(port))  # type: ignore[misc]
        # In turn, so that what else the machine does hits all alike; the first round warms up.
        for number in range(ROUNDS + 1):
            for name, target in targets.items():
                server = "web" if name in {"view", "tutorial"} else name
                found = measure(made, target, server, f"_{number}_")
                if number:
                    figures[name].append(found)
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main()
