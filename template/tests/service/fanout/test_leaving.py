"""Whoever closes the connection takes what was begun for them along, in a real server."""

import contextlib
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

from sandbox.sources.source import Behaviour
from sandbox.sources.thread import RunningSources
from tests import PATIENCE
from tests.service.http.granian import granian
from tests.waiting import until

REQUEST = b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"
ASKED = ("news", "maps")


@contextlib.contextmanager
def service(sources: RunningSources) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The application in a process of its own, which asks some of the sources; its port."""
    upstreams = ",".join(f"{name}={sources.addresses[name]}" for name in ASKED)
    application = "tests.service.fanout.waiting:app"
    with granian(application, UPSTREAMS=upstreams, LOG_FORMAT="json") as running:
        yield running


def test_a_client_that_leaves_cancels_the_calls_made_for_it(sources: RunningSources) -> None:
    for name in ASKED:
        sources[name].behaviour, sources[name].seconds = Behaviour.HANGS, 0.0
    with service(sources) as (port, process):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(REQUEST)
            until(lambda: all(sources[name].running for name in ASKED))
        # Their own time is longer than the patience of this test.
        until(lambda: all(sources[name].left for name in ASKED))
        *upstreams, request = lines_to(process, "request")
    ends = [line["result"] for line in upstreams if line["event"] == "upstream"]
    assert ends == ["cancelled", "cancelled"]
    assert request["status"] == 499


def lines_to(process: "subprocess.Popen[str]", event: str) -> list[dict[str, Any]]:
    """What it logs until there is such a line; a process that never says so is ended."""
    lines = []
    ending = threading.Timer(PATIENCE, process.terminate)
    ending.start()
    assert process.stdout
    for line in process.stdout:
        if line.startswith("{"):
            lines.append(json.loads(line))
            if lines[-1]["event"] == event:
                break
    ending.cancel()
    return lines
