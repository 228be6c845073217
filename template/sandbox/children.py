"""Starts processes that never outlive the one that started them.

Each becomes the leader of a process group of its own and is made known to a watchdog process, which
ends the group when the starter dies in whatever way.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

HERE = Path(__file__).parent
# Without site-packages and the user's environment: these two scripts need only Python itself.
BARE_PYTHON = (sys.executable, "-I", "-S")


class Children:
    """The processes that this one started."""

    def __init__(self, *, keep_open: Sequence[int] = ()) -> None:
        """Start the watchdog. It holds the descriptors `keep_open` until all processes are gone."""
        self._started: dict[subprocess.Popen[bytes], signal.Signals] = {}
        read_end, self.pipe = os.pipe()
        self._watchdog = subprocess.Popen(
            [*BARE_PYTHON, str(HERE / "watchdog.py")],
            stdin=read_end,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=keep_open,
        )
        os.close(read_end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what `start` started, and wait until the watchdog has nothing left to do."""
        self.stop(*self._started)
        os.close(self.pipe)
        self._watchdog.wait()

    def remove_at_end(self, folder: Path) -> None:
        """Remove `folder` once every process is gone."""
        os.write(self.pipe, f"folder {folder}\n".encode())

    def command(
        self,
        argv: Sequence[str | Path],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        unprivileged: bool = False,
    ) -> list[str]:
        """The command that runs `argv` under the watchdog.

        Start it with `start_new_session=True` and `pass_fds=[children.pipe]`, and tell `ended`
        when it is gone. `unprivileged`: when we are root, run as a user who is not.
        """
        user = "unprivileged" if unprivileged and os.geteuid() == 0 else "same"
        launch = (*BARE_PYTHON, str(HERE / "launch.py"))
        return [*launch, str(self.pipe), str(int(stop_signal)), user, *map(str, argv)]

    def start(
        self,
        argv: Sequence[str | Path],
        *,
        log: IO[bytes],
        stop_signal: signal.Signals = signal.SIGTERM,
        unprivileged: bool = False,
        given: bytes = b"",
    ) -> subprocess.Popen[bytes]:
        """Start a process that writes into `log` and reads `given`."""
        process = subprocess.Popen(
            self.command(argv, stop_signal=stop_signal, unprivileged=unprivileged),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[self.pipe],
        )
        self._started[process] = stop_signal
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin as standard_input:
                standard_input.write(given)
        return process

    def stop(self, *processes: subprocess.Popen[bytes], patience: float = 10.0) -> None:
        """Ask these to stop, all at once; kill the groups that have not in `patience` seconds."""
        for process in processes:
            process.send_signal(self._started.pop(process))
        deadline = time.monotonic() + patience
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            kill_group(process.pid)
            process.wait()
            self.ended(process.pid)

    def ended(self, pid: int) -> None:
        """Tell the watchdog that the process and its group are gone."""
        os.write(self.pipe, f"ended {pid}\n".encode())


def kill_group(pid: int) -> None:
    """Kill what is left of the process group that `pid` leads."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
