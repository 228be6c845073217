"""A process of the server, as in production."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from sandbox.ports import free_port
from tests.waiting import wait_until_listening

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
