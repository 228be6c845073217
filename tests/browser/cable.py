"""The way between a browser and a project, which can be cut."""

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Cable:
    """Another address of a project, at which all connections can be broken off.

    with Cable("http://localhost:8000") as cable:
        ...  # open a page at cable.origin
        cable.cut()
    """

    def __init__(self, origin: str) -> None:
        self.port = urlsplit(origin).port or 80
        self.server = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://localhost:{self.server.getsockname()[1]}"
        self.ends: list[socket.socket] = []
        self.threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self.threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        # On Linux this wakes who waits in `accept`.
        self.server.shutdown(socket.SHUT_RDWR)
        self.threads.pop(0).join()
        self.server.close()
        self.cut()
        for thread in self.threads:
            thread.join()

    def cut(self) -> None:
        """Break off every connection; new ones can be made at once."""
        for end in list(self.ends):
            with suppress(OSError):  # closed already
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.server.accept()
                thread = threading.Thread(target=self._connect, args=(near,))
                self.threads.append(thread)
                thread.start()

    def _connect(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.port)) as far:
            self.ends += [near, far]
            back = threading.Thread(target=copy, args=(far, near))
            back.start()
            copy(near, far)
            back.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes, until one end is closed or cut."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
