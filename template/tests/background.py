"""Real relays and workers for tests, each a process of its own."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from sandbox.children import Children
from tests import PATIENCE

RELAY = ("core.outbox.relay",)
# Finds what was asked for and is not done; the clock's own runs stay a while, done or not.
LEFT = "SELECT 1 FROM outbox_message WHERE schedule = ''"


class Background:
    """A running program, and what it logs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        # Read whether or not a test asks: a program whose output nobody takes stops in the end.
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)

    def end(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        self._reader.join()

    def log_until(self, *, event: str, **fields: object) -> None:
        """Read the log up to a record whose event holds this text, and that has these fields."""
        seen = []
        deadline = time.monotonic() + PATIENCE
        with contextlib.suppress(queue.Empty):
            while line := self._lines.get(timeout=max(0.0, deadline - time.monotonic())):
                seen.append(line)
                record = json.loads(line) if line.startswith("{") else {"event": line}
                if event in str(record["event"]) and fields.items() <= record.items():
                    return
        raise AssertionError(f"the program did not log {event!r}:\n{''.join(seen)}")


@contextlib.contextmanager
def background(*module: str, ready: str, **environment: str) -> Iterator[Background]:
    """Run `python -m MODULE ARGUMENT...` until the block ends; yields once it is ready."""
    with Children() as children:
        process = subprocess.Popen(
            children.command([sys.executable, "-m", *module]),
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            pass_fds=[children.pipe],
        )
        program = Background(process)
        try:
            program.log_until(event=ready)
            yield program
        finally:
            program.end()
            children.ended(process.pid)


@contextlib.contextmanager
def relay_and_worker(celery_app: str, database_url: str) -> Iterator[Background]:
    """One relay and one worker on this database; yields the worker."""
    worker = ("celery", "-A", celery_app, "worker", "--pool=solo", "--loglevel=INFO")
    with (
        background(*RELAY, ready="relay_ready", DATABASE_URL=database_url),
        background(*worker, ready=" ready.", DATABASE_URL=database_url) as running,
    ):
        yield running
