"""A receiver of webhooks that keeps what comes, and answers as it is told."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.ports import free_port


@dataclass
class Receiver:
    """What came."""

    url: str
    came: list[tuple[bytes, str]] = field(default_factory=list)  # bodies and signatures
    # The answers to the next requests; then all is well.
    statuses: list[int] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, as they came."""
        return [json.loads(body) for body, _ in self.came]

    @property
    def types(self) -> list[str]:
        """The types of the events, as they came."""
        return [event["type"] for event in self.events]

    def wait(self, number: int, timeout: float = 5) -> None:
        """Until so many came."""
        deadline = time.monotonic() + timeout
        while len(self.came) < number:
            assert time.monotonic() < deadline, f"only {self.types} came"
            time.sleep(0.005)


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.came.append((body, self.headers["Stripe-Signature"]))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    port = free_port()
    receiver = Receiver(f"http://127.0.0.1:{port}/webhooks/stripe")
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
