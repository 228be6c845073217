"""A project started by `uv run just dev`, and what is left of it."""

import os
import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.projects import environment

READY = "Ctrl-C stops everything."
STARTS = 180.0  # seconds, with packages to install
STOPS = 30.0


class Running:
    """One start of a project, in a terminal of its own as far as signals go."""

    def __init__(self, project: Path, port: int, *command: str) -> None:
        self.project = project
        self.origin = f"http://localhost:{port}"
        self.output: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        # A shell has what it starts in the background ignore Ctrl-C, and so would all of this.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.launcher = subprocess.Popen(
            command or ["uv", "run", "just", "dev"],
            cwd=project,
            env=environment(PORT=str(port)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.launcher.stdout
        with self.launcher.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, text: str, seconds: float = STARTS) -> None:
        """Wait until a line of the output holds `text`."""
        deadline = time.monotonic() + seconds
        while True:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            assert line is not None, f"it ended before it said {text!r}:\n{self.said()}"
            self.output.append(line)
            if text in line:
                return

    def said(self) -> str:
        return "".join(self.output[-200:])

    def press_ctrl_c(self) -> None:
        """SIGINT to the whole foreground group, as a terminal does."""
        before = processes_of(self.project)
        os.killpg(self.launcher.pid, signal.SIGINT)
        self._must_be_gone(before)

    def kill_runner(self) -> None:
        """SIGKILL to the one process that looks after the others."""
        before = processes_of(self.project)
        (runner,) = (process for process in before if "sandbox.dev" in process.cmdline())
        runner.kill()
        self._must_be_gone(before)

    def _must_be_gone(self, before: list[psutil.Process]) -> None:
        assert len(before) > 3, before
        _, alive = psutil.wait_procs(before, timeout=STOPS)
        self.launcher.wait(timeout=STOPS)
        assert alive == []
        assert processes_of(self.project) == []


def processes_of(project: Path) -> list[psutil.Process]:
    """Every process that works in the project's folder or runs something of it."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [process.cwd(), *process.cmdline()]
        except psutil.Error:
            continue
        if any(str(project) in word for word in words):
            found.append(process)
    return found


@contextmanager
def running(project: Path, port: int, *command: str) -> Iterator[Running]:
    """A project that runs; whatever happens in the test, nothing of it is left after."""
    started = Running(project, port, *command)
    try:
        started.wait_for(READY)
        yield started
    finally:
        for process in processes_of(project):
            with suppress(psutil.NoSuchProcess):  # others end with the first
                process.kill()
        started.launcher.wait(timeout=STOPS)
        started.reader.join(timeout=STOPS)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
