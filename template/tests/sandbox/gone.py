"""Whether processes are gone."""

import time
from collections.abc import Iterable

import psutil

from tests import PATIENCE


def assert_gone(family: Iterable[psutil.Process]) -> None:
    """Fail unless every process ends before long.

    It looks again and again because the system tells only a parent when a process ends, and these
    have lost theirs.
    """
    deadline = time.monotonic() + PATIENCE
    while left := [process for process in family if not is_ended(process)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def is_ended(process: psutil.Process) -> bool:
    """Whether the process is over; one that nobody collected counts as such."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
