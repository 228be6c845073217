"""A process of the server, as in production."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from sandbox.ports import free_port
from tests import PATIENCE
from tests.listening import wait_until_listening

GRANIAN = ("granian", "--interface", "asgi", "--host", "127.0.0.1", "--log-level", "warning")


@contextlib.contextmanager
def granian(
    application: str, *options: str, **environment: str
) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The application in a process of its own, once it listens: its port, and the process."""
    port = free_port()
    command = (sys.executable, "-m", *GRANIAN, *options, "--port", str(port), application)
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_until_listening(port)
            yield port, process
        finally:
            process.terminate()
            process.wait()


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
