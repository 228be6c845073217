"""Servers, relays, workers and writers of a fault test; each can be killed and come back."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from redis import Redis

from sandbox.children import Children
from sandbox.postgres import start_postgres
from sandbox.processes import MIGRATE
from sandbox.server import Server
from sandbox.valkey import start_valkey
from tests import PATIENCE
from tests.outbox import effects, stack

PYTHON = (sys.executable, "-m")
RELAY = (*PYTHON, "tests.outbox.relay")
WORKER = (*PYTHON, "celery", "-A", stack.WORKER, "worker", "--concurrency=2", "--loglevel=WARNING")


@dataclass
class World:
    """Everything of one fault test. What is killed is killed with its whole process group."""

    folder: Path
    children: Children
    postgres: Server
    valkey: Server
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the processes see."""
        return {
            **os.environ,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "OUTBOX_FORGOTTEN_SECONDS": "2",
            effects.MARKS: str(self.folder / "marks"),
        }

    def start(self, name: str, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a process under a name; its output goes to a file of that name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                self.children.command(command),
                env={**self.environment, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if name.startswith("writer") else log,
                stderr=log,
                start_new_session=True,
                pass_fds=[self.children.pipe],
            )
        self.processes[name] = process
        return process

    def kill(self, name: str) -> None:
        """`kill -9` for the process and all it started."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
        self.children.ended(process.pid)

    def restart(self, name: str, *command: str) -> None:
        """Kill and start again."""
        self.kill(name)
        self.start(name, *command)

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

    def empty_the_broker(self) -> None:
        """Kill the broker and start it with nothing, at the same address."""
        port = int(self.valkey.url.rpartition(":")[2].removesuffix("/0"))
        self.valkey.process.kill()
        self.children.stop(self.valkey.process)
        self.valkey = start_valkey(self.children, self.folder / "valkey", port=port, careless=True)

    def waiting_at_the_broker(self) -> int:
        """How many messages of the tests' task wait for a worker."""
        with Redis.from_url(self.valkey.url) as broker:
            return int(broker.llen(effects.Effect.queue))

    def restart_the_database(self) -> None:
        """Kill the database, as a crash does, and start it again at the same address."""
        port = int(self.postgres.url.rpartition(":")[2].partition("/")[0])
        self.postgres.process.send_signal(3)  # SIGQUIT: at once, without tidying up
        self.postgres.process.wait()
        self.children.stop(self.postgres.process)
        self.postgres = start_postgres(self.children, self.folder / "postgres", port=port)

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a statement, which commits."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

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

    def wait(self, true: Callable[[], bool]) -> None:
        """Wait until something is true. Raises AssertionError with what is left otherwise."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > deadline:
                left = self.query("SELECT * FROM outbox_message ORDER BY id LIMIT 5")
                logs = [log.read_text()[-2000:] for log in self.folder.glob("*.log")]
                raise AssertionError(f"still waiting: {left}\n" + "\n".join(logs))
            time.sleep(0.05)


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world with migrated tables and nobody at work yet."""
    (folder / "marks").mkdir()
    with Children() as children:
        postgres = start_postgres(children, folder / "postgres")
        valkey = start_valkey(children, folder / "valkey", careless=True)
        made = World(folder, children, postgres, valkey)
        try:
            command = shlex.split(MIGRATE)
            subprocess.run(command, env=made.environment, check=True, capture_output=True)
            made.query(effects.TABLES)
            yield made
        finally:
            for name in list(made.processes):
                made.kill(name)
    shutil.rmtree(folder)
