"""Receivers over real sockets, each of which does to a connection what a test says."""

import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Behaviour = Callable[[socket.socket], None]


@dataclass
class Receiver:
    """Who listens; `requests` are what came, and `gone` is set when the last one hung up."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook?one=1"


@contextlib.contextmanager
def receiver(
    behave: Behaviour, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Receiver]:
    """Listen on a free port of this machine, until the block ends."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:
        made = Receiver(listening.getsockname()[1])
        thread = threading.Thread(target=serve, args=(listening, made, behave, context))
        thread.start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def serve(
    listening: socket.socket, made: Receiver, behave: Behaviour, context: ssl.SSLContext | None
) -> None:
    """Take one connection after the other."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        connection.settimeout(10)
        with contextlib.suppress(OSError), connection:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            made.requests.append(request_of(connection))
            with contextlib.suppress(OSError):
                behave(connection)
            connection.close()
            made.gone.set()


def request_of(connection: socket.socket) -> bytes:
    """The whole request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += more(connection)
    return head + b"\r\n\r\n" + body


def more(connection: socket.socket) -> bytes:
    """What comes next. Raises `OSError` when the other has hung up."""
    data = connection.recv(65536)
    if not data:
        raise ConnectionError
    return data


def says(*parts: bytes) -> Behaviour:
    """Say this, and hang up."""

    def behave(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return behave


def drips(first: bytes, piece: bytes, pause: float = 0.02) -> Behaviour:
    """Say something, and then a little, again and again, until the other hangs up."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(first)
        never = threading.Event()
        for _ in itertools.count():
            connection.sendall(piece)
            never.wait(pause)

    return behave


def waits(connection: socket.socket) -> None:
    """Say nothing until the other hangs up."""
    connection.recv(1)
