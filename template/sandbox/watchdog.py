"""Ends the processes of a run whose own process is gone, even by SIGKILL.

Run as a script, in a session of its own, so that no signal to the run's group reaches it. It reads
its standard input, whose other end the run holds open and the kernel closes when the run dies:

    process GROUP SIGNAL    a process group started, and the signal that asks it to stop
    ended GROUP             that process group is gone
    folder PATH             a folder to remove at the end

Only the standard library: it is started without site-packages, to be up in milliseconds.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

PATIENCE = 5.0  # seconds between asking and killing


def is_running(leader: int) -> bool:
    """Whether a group's leader runs; one that ended and was not collected does not."""
    try:
        os.kill(leader, 0)
        with open(f"/proc/{leader}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:  # a system without /proc
        return not sys.platform.startswith("linux")
    except (ProcessLookupError, PermissionError):  # macOS forbids to signal one that ended
        return False


def send(group: int, number: int) -> None:
    """Signal a whole group that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end(groups: dict[int, int]) -> None:
    """Ask every group to stop, and kill what is left when patience is over."""
    for group, number in groups.items():
        send(group, number)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(map(is_running, groups)):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def main() -> None:
    """Follow the run until it closes the pipe or dies."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "process":
            group, number_text = rest.split()
            groups[int(group)] = int(number_text)
        elif word == "ended":
            groups.pop(int(rest), None)
        elif word == "folder":
            folders.append(rest)
    end(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
