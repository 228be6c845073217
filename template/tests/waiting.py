"""Wait for what another process or thread does, where no event reaches the test."""

import socket
import time
from collections.abc import Callable

from tests import PATIENCE


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return when the condition holds; fail if it does not come to that."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def wait_until_listening(port: int) -> None:
    """Return when somebody listens: what Granian logs of its start is a little before that."""
    until(lambda: is_listening(port))


def is_listening(port: int) -> bool:
    """Whether a connection is taken."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True
