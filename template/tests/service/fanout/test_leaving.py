"""Whoever closes the connection takes what was begun for them along, in a real server."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg

from sandbox.ports import free_port
from sandbox.sources.source import Behaviour
from sandbox.sources.thread import RunningSources
from tests import PATIENCE
from tests.service.authorization.table import furnish

GRANIAN = ("granian", "--interface", "asgi", "--host", "127.0.0.1", "--log-level", "warning")
# Seconds from when a client leaves until the upstream sees it.
AT_ONCE = 1.0

Database = psycopg.Connection[dict[str, Any]]


@contextlib.contextmanager
def service(addresses: dict[str, str]) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The service in a process of its own, which asks these; its port."""
    port = free_port()
    upstreams = ",".join(f"{name}={address}" for name, address in addresses.items())
    command = (sys.executable, "-m", *GRANIAN, "--port", str(port), "service.main:app")
    environment = {**os.environ, "UPSTREAMS": upstreams, "LOG_FORMAT": "json"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            until(lambda: is_listening(port))
            yield port, process
        finally:
            process.terminate()


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True


def until(condition: Callable[[], bool]) -> float:
    """Wait for what another process does; the seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + PATIENCE
        time.sleep(0.005)
    return time.monotonic() - began


def test_a_client_that_leaves_cancels_the_calls_made_for_it(
    database: Database,
    sources: RunningSources,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    user_id = make_user()
    team_id = make_team(owner=user_id)
    project_id = furnish(database, team_id, user_id, "Some")["project_id"]
    asked = {"news": sources.addresses["news"], "maps": sources.addresses["maps"]}
    for name in asked:
        sources[name].behaviour, sources[name].seconds = Behaviour.HANGS, 0.0
    with service(asked) as (port, process):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(
                f"GET /service/teams/{team_id}/projects/{project_id}/enrichment HTTP/1.1\r\n"
                f"Host: testserver\r\nAuthorization: Bearer {make_token(user_id)}\r\n\r\n".encode()
            )
            until(lambda: all(sources[name].running for name in asked))
        took = until(lambda: all(sources[name].left for name in asked))
        process.terminate()
        assert process.stdout
        lines = [json.loads(line) for line in process.stdout if line.startswith("{")]
    # Their own time is a second too: that it was not over, the logs say.
    assert took < AT_ONCE
    ends = [line["result"] for line in lines if line["event"] == "upstream"]
    assert ends == ["cancelled", "cancelled"]
    (request,) = [line for line in lines if line["event"] == "request"]
    assert request["status"] == 499
