"""A server that is stopped lets its streams end with an event, and then itself."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.service.http.granian import granian

BUSY = "tests.service.http.busy:app"


def test_each_stream_ends_with_an_event() -> None:
    def listen(client: httpx.Client) -> list[str]:
        with client.stream("GET", "/stream") as stream:
            return [line for line in stream.iter_lines() if line]

    with (
        granian(BUSY, "--workers-kill-timeout", "60", SERVICE_STREAMS_END_SECONDS="0") as running,
        httpx.Client(base_url=f"http://127.0.0.1:{running[0]}", timeout=60) as client,
        ThreadPoolExecutor() as threads,
    ):
        streams = [threads.submit(listen, client) for _ in range(5)]
        while client.get("/healthz").json()["streams"] < 5:
            continue
        began = time.monotonic()
        running[1].terminate()
        assert [each.result() for each in streams] == [["event: start", "event: end"]] * 5
        output, _ = running[1].communicate()
        assert running[1].returncode == 0
        assert time.monotonic() - began < 30
        # What streams use is closed after them.
        assert "the lifespan ends after 5 streams" in output


def test_streams_may_go_on_for_a_while() -> None:
    with (
        granian(BUSY, "--workers-kill-timeout", "60", SERVICE_STREAMS_END_SECONDS="0.5") as running,
        httpx.Client(base_url=f"http://127.0.0.1:{running[0]}", timeout=60) as client,
        client.stream("GET", "/stream") as stream,
    ):
        lines = (line for line in stream.iter_lines() if line)
        assert next(lines) == "event: start"
        began = time.monotonic()
        # As from the keyboard.
        running[1].send_signal(signal.SIGINT)
        assert next(lines) == "event: end"
        assert time.monotonic() - began >= 0.5
