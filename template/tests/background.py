"""Real relays and workers for tests, each a process of its own."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.children import Children

RELAY = ("core.outbox.relay",)
PATIENCE = 60  # seconds


@dataclass
class Background:
    """A running program, and what it logs."""

    process: subprocess.Popen[str]

    def log_until(self, *, event: str, request_id: str | None = None) -> None:
        """Read the log up to a record whose event holds this text, of this request if given."""
        assert self.process.stdout
        seen = []
        # Ends the program, and with it its output, when the record does not come.
        timer = threading.Timer(PATIENCE, self.process.kill)
        timer.start()
        try:
            for line in self.process.stdout:
                seen.append(line)
                record = json.loads(line) if line.startswith("{") else {"event": line}
                if event in str(record["event"]) and request_id in (None, record.get("request_id")):
                    return
        finally:
            timer.cancel()
        raise AssertionError(f"the program ended before it logged {event!r}:\n{''.join(seen)}")


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
            process.terminate()
            process.communicate(timeout=30)
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
