"""Servers and processes of a test, each of which can be killed and come back."""

import contextlib
import os
import shlex
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from sandbox.children import Children
from sandbox.postgres import start_postgres
from sandbox.processes import MIGRATE
from sandbox.server import Server
from sandbox.valkey import start_valkey
from tests import PATIENCE

PYTHON = (sys.executable, "-m")
# A process that ends by itself this often does so whenever it is started.
TOO_OFTEN = 5


@dataclass
class Killable:
    """A database, a broker, and processes. What is killed is killed with its whole group.

    Those that are kept are started again when they end by themselves, as platforms do it; whoever
    waits for something looks after them.
    """

    folder: Path
    children: Children
    postgres: Server
    valkey: Server
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kept: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)  # how often, by themselves
    lock: threading.RLock = field(default_factory=threading.RLock)  # processes come and go

    @property
    def environment(self) -> dict[str, str]:
        """What the processes see."""
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "OUTBOX_FORGOTTEN_SECONDS": "2",
        }

    def migrate(self) -> None:
        """Make the tables."""
        command = shlex.split(MIGRATE)
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

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

    def keep(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a process, and again whenever it ended by itself."""
        with self.lock:
            self.kept[name] = command
            return self.start(name, *command)

    def look_after(self) -> None:
        """Start again what ended by itself. Raises AssertionError when that is of no use."""
        with self.lock:
            for name in self.kept.keys() & self.processes.keys():
                if self.processes[name].poll() is not None:
                    self.ended[name] += 1
                    assert self.ended[name] < TOO_OFTEN, (self.folder / f"{name}.log").read_text()
                    self.restart(name)

    def kill(self, name: str) -> None:
        """`kill -9` for the process and all it started."""
        with self.lock:
            process = self.processes.pop(name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
        self.children.ended(process.pid)

    def kill_all(self) -> None:
        """Kill every process; the servers stay."""
        self.kept.clear()
        for name in list(self.processes):
            self.kill(name)

    def restart(self, name: str) -> None:
        """Kill what is kept, and start it again."""
        with self.lock:
            self.kill(name)
            self.start(name, *self.kept[name])

    def kill_the_broker(self) -> None:
        """Kill the broker, which forgets everything."""
        self.valkey.process.kill()
        self.children.stop(self.valkey.process)

    def start_the_broker(self) -> None:
        """Start it with nothing, at the same address."""
        port = int(self.valkey.url.rpartition(":")[2].removesuffix("/0"))
        self.valkey = start_valkey(self.children, self.folder / "valkey", port=port, careless=True)

    def empty_the_broker(self) -> None:
        """Kill the broker and start it again."""
        self.kill_the_broker()
        self.start_the_broker()

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

    def wait(self, true: Callable[[], bool]) -> None:
        """Wait until something is true. Raises AssertionError with what is left otherwise."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            self.look_after()
            if time.monotonic() > deadline:
                left = self.query("SELECT * FROM outbox_message ORDER BY id LIMIT 5")
                logs = [log.read_text()[-2000:] for log in self.folder.glob("*.log")]
                raise AssertionError(f"still waiting: {left}\n" + "\n".join(logs))
            time.sleep(0.05)
