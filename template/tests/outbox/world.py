"""Servers, relays, workers and writers of a fault test; each can be killed and come back."""

import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from sandbox.children import Children
from sandbox.postgres import start_postgres
from sandbox.valkey import start_valkey
from tests.killable import PYTHON, Killable
from tests.outbox import effects, stack

RELAY = (*PYTHON, "tests.outbox.relay")
WORKER = (
    *(*PYTHON, "celery", "-A", stack.WORKER, "worker", "--concurrency=2", "--loglevel=WARNING"),
    *("--without-gossip", "--without-mingle"),
)


@dataclass
class World(Killable):
    """Everything of one fault test."""

    @property
    def environment(self) -> dict[str, str]:
        """What the processes see."""
        return {**super().environment, effects.MARKS: str(self.folder / "marks")}

    def write(self, module: str, first: int, count: int, **environment: str) -> str:
        """Start a writer of so many numbers; answers its name."""
        name = f"writer-{first}"
        self.start(name, *PYTHON, module, str(first), str(count), **environment)
        return name

    def said(self, writer: str) -> Iterator[int]:
        """The numbers a writer has written, as it says so, up to its end."""
        output = self.processes[writer].stdout
        assert output
        for line in output:
            yield int(line)

    def waiting_at_the_broker(self) -> int:
        """How many messages of the tests' task wait for a worker."""
        with Redis.from_url(self.valkey.url) as broker:
            return int(broker.llen(effects.Effect.queue))

    def cut_off_listeners(self, worker: subprocess.Popen[bytes]) -> None:
        """Halt a worker that has just asked for work, and close what it hears commands on."""
        with Redis.from_url(self.valkey.url) as broker, broker.monitor() as monitor:
            while not monitor.next_command()["command"].startswith("BRPOP"):
                pass
            worker.send_signal(signal.SIGSTOP)
            broker.execute_command("CLIENT KILL TYPE pubsub")

    def numbers(self, table: str) -> list[int]:
        """The numbers in one of the two tables, in order."""
        return [int(str(row[0])) for row in self.query(f"SELECT number FROM {table} ORDER BY 1")]  # noqa: S608

    def wait_until_done(self) -> None:
        """Wait until no work is left; then every request has its effect, once."""
        self.wait(lambda: self.query("SELECT count(*) FROM outbox_message")[0][0] == 0)
        requests, effects = self.numbers("fault_request"), self.numbers("fault_effect")
        assert effects == requests
        assert not [number for number in requests if number % 5 == 4]
        assert self.query("SELECT count(*) FROM outbox_deadletter")[0][0] == 0
        sys.stdout.write(f"{len(requests)} committed requests, {len(effects)} effects, 0 lost\n")


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world with migrated tables and nobody at work yet."""
    (folder / "marks").mkdir()
    with Children() as children:
        postgres = start_postgres(children, folder / "postgres")
        valkey = start_valkey(children, folder / "valkey", careless=True)
        made = World(folder, children, postgres, valkey)
        try:
            made.migrate()
            made.query(effects.TABLES)
            yield made
        finally:
            made.kill_all()
    shutil.rmtree(folder)
