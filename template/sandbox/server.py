"""What PostgreSQL and Valkey have in common: a folder, a password, a port, a log."""

import os
import secrets
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class ServerStartError(Exception):
    """A server ended or stayed silent; the message holds the end of its log."""


@dataclass(frozen=True)
class Server:
    """A running server; `url` holds its password."""

    url: str
    process: subprocess.Popen[bytes]


def kept_password(file: Path) -> str:
    """The password in `file`, which only its owner can read; made on first use."""
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(16))
    return file.read_text()


def wait_until_ready(
    name: str,
    process: subprocess.Popen[bytes],
    is_ready: Callable[[], bool],
    log: Path,
    *,
    patience: float = 60.0,
) -> None:
    """Return when the server answers; raise ServerStartError when it ends or is too slow.

    `patience` is long because PostgreSQL, after a hard kill, replays its journal first.
    """
    deadline = time.monotonic() + patience
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerStartError(f"{name} did not start. The end of {log}:\n{end_of(log)}")
        time.sleep(0.01)


def end_of(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
