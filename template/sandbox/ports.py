"""Free ports on this machine."""

import secrets
import socket

# Below the range from which the kernel takes ports for outgoing connections, so that none of those
# takes a port between choosing it and listening on it.
CHOICE = range(20_000, 32_000)


def free_port(wanted: int | None = None) -> int:
    """`wanted` if nobody listens on it, else a random free port of 127.0.0.1."""
    port = wanted or secrets.choice(CHOICE)
    while not is_free(port):
        port = secrets.choice(CHOICE)
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
