"""Wait for a server that a test starts."""

import socket
import time

from tests import PATIENCE


def wait_until_listening(port: int) -> None:
    """Return when somebody listens: what Granian logs of its start is a little before that."""
    deadline = time.monotonic() + PATIENCE
    while not is_listening(port):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def is_listening(port: int) -> bool:
    """Whether a connection is taken."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True
