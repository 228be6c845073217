"""`python -m sandbox.dev` starts everything, says what is wrong, and leaves no orphan.

A copy of the sandbox runs a small stand-in for the product, so that each test takes seconds.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import psutil
import pytest

from core.origin import process_for
from sandbox.ports import free_port
from tests import PATIENCE
from tests.sandbox.gone import assert_gone

ROOT = Path(__file__).parents[2]
HIDDEN = {"DATABASE_URL", "REDIS_URL", "SMTP_URL", "PORT", "SECRET_KEY", "ENVIRONMENT"}

PRODUCT = """\
import http.server, os, signal, sys, psycopg
from core.answer import ANSWER

def database():
    lines = open(".local/servers.env").read().splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith("DATABASE_URL"))

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with psycopg.connect(database()) as connection:
            count = connection.execute("SELECT count(*) FROM starts").fetchone()[0]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{ANSWER} {count} {os.environ['ORIGIN']}".encode())
    def log_message(self, *arguments):
        pass

if sys.argv[1] == "migrate":
    with psycopg.connect(database()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz)")
        connection.execute("INSERT INTO starts VALUES (now())")
else:
    if os.fork() == 0 or sys.argv[1] == "idle":
        signal.pause()
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

PROCESSES = f"""\
from sandbox.program import Program

STYLES = None
MIGRATE = "python product.py migrate"
PREPARE = (("demo", "true"),)
PROGRAMS = (
    Program({process_for("/")!r}, "python product.py {{port}}", answers=True, packages=("core",)),
    Program("worker", "python product.py idle", packages=("core",)),
)
ADDRESSES = (("Product", "/"),)
"""


class Runner:
    """A running `just dev`."""

    def __init__(self, folder: Path, command: list[str], port: int) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in HIDDEN}
        self.port = port
        self.lines: list[str] = []
        self._spoken = threading.Condition()
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._spoken:
                self.lines.append(line)
                self._spoken.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(PATIENCE)
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def until_said(self, pattern: str, times: int = 1) -> None:
        """Return when the output holds the pattern so often."""

        def is_said() -> bool:
            return len(re.findall(pattern, "".join(self.lines))) >= times

        with self._spoken:
            assert self._spoken.wait_for(is_said, PATIENCE), "".join(self.lines)

    def get(self, path: str = "/") -> str:
        """What the product answers behind the origin."""
        address = f"http://localhost:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def family(self) -> list[psutil.Process]:
        """Every process of the run."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Let Ctrl-C be heard: a shell has what it starts in the background ignore it, for good."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose product is the stand-in."""
    for package in ("core", "sandbox"):
        shutil.copytree(ROOT / package, tmp_path / package)
    (tmp_path / "core" / "answer.py").write_text("ANSWER = 'first'\n")
    (tmp_path / "product.py").write_text(PRODUCT)
    (tmp_path / "sandbox" / "processes.py").write_text(PROCESSES)
    return tmp_path


def save(file: Path, text: str) -> None:
    """Write the whole file at once, as editors do: an empty one in between is a change too."""
    draft = file.parents[1] / "draft"
    draft.write_text(text)
    draft.replace(file)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Runner]]:
    """Starts runs that are gone when the test is over."""
    with contextlib.ExitStack() as stack:

        def start(*launcher: str, port: int | None = None) -> Runner:
            command = [*launcher, sys.executable, "-m", "sandbox.dev"]
            return stack.enter_context(Runner(folder, command, port or free_port()))

        yield start


def test_life_of_a_project(folder: Path, start: Callable[..., Runner]) -> None:
    run = start()
    run.until_said("Ctrl-C stops everything")
    assert run.get() == f"first 1 http://localhost:{run.port}"
    assert "Mailbox" in run.get("/dev")
    addresses = (folder / ".local" / "servers.env").read_text()

    second = start()
    second.until_said(f"runs already, as process {run.process.pid}")
    assert second.process.wait(PATIENCE) == 1

    save(folder / "core" / "answer.py", "ANSWER = 'second'\n")
    run.until_said("answer.py changed: starting again", times=2)
    assert run.get().startswith("second 1 ")

    save(folder / "core" / "answer.py", "a mistake\n")
    run.until_said("starts again when a file changes", times=2)
    save(folder / "core" / "answer.py", "ANSWER = 'third'\n")
    run.until_said("answer.py changed: starting again", times=6)
    assert run.get().startswith("third 1 ")

    family = run.family()
    assert len(family) > 6
    run.process.kill()
    assert_gone(family)

    again = start()
    again.until_said("Ctrl-C stops everything")
    assert again.get() == f"third 2 http://localhost:{again.port}"
    assert (folder / ".local" / "servers.env").read_text() == addresses
    family = again.family()
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(PATIENCE) == 0
    assert_gone(family)


def test_run_ends_when_its_launcher_is_killed(
    folder: Path, tmp_path: Path, start: Callable[..., Runner]
) -> None:
    # A program of the launcher's name that starts the rest and waits, as `just` and `uv` do.
    launcher = tmp_path / "just"
    shutil.copy("/bin/sh", launcher)
    script = '"$@"; exit'
    run = start(str(launcher), "-c", script, "launcher")
    run.until_said("Ctrl-C stops everything")
    family = run.family()
    assert family[0].name() == "just"
    run.process.kill()
    assert_gone(family)
    run.until_said("The launcher is gone")


def test_taken_port_is_explained(start: Callable[..., Runner]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = start(port=port)
        assert run.process.wait(PATIENCE) == 1
    run.until_said(f"Port {port} is taken.*PORT={port + 1} uv run just dev")


def test_bad_variable_is_named(folder: Path, start: Callable[..., Runner]) -> None:
    (folder / ".env").write_text("PORT=many\nSECRET_KEY=short\nENVIRONMENT=development\n")
    (folder / "product.py").write_text("from core.env import get_settings\nget_settings()\n")
    run = start()
    assert run.process.wait(PATIENCE) == 1
    run.until_said("SECRET_KEY")
    run.until_said("failed with status 1")
