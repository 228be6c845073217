"""A task whose effects can be counted, and that ends its own worker now and then.

Writers add a row to `fault_request` in the transaction that enqueues; the task adds one to
`fault_effect`. At the end the two tables hold the same numbers, each once.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.outbox import Task

TABLES = """
    CREATE TABLE fault_request (number int PRIMARY KEY, writer text NOT NULL);
    CREATE TABLE fault_effect (number int NOT NULL)
"""
REQUEST = "INSERT INTO fault_request (number, writer) VALUES (%(number)s, %(writer)s)"
EFFECT = "INSERT INTO fault_effect (number) VALUES (%(number)s)"
# A folder in which each number that ends or fails its worker notes that it did.
MARKS = "FAULT_MARKS"
# The number that ends its worker every time.
DEADLY = 666


class Effect(Task, name="faults.effect"):
    """Note that it ran."""

    number: int

    @classmethod
    def delay_after(cls, attempt: int) -> float:
        """At once: nobody waits for a test."""
        return 0.0


class Retried(Task, name="faults.retried"):
    """Is tried again as tasks are."""


def apply(number: int, execute: Callable[[str, dict[str, Any]], object]) -> None:
    """Have the effect; every 25th number dies once in the middle, every 10th fails once."""
    execute(EFFECT, {"number": number})
    if number == DEADLY or (number % 25 == 0 and first_time(number)):
        os.kill(os.getpid(), signal.SIGKILL)
    if number % 10 == 3 and first_time(number):
        raise RuntimeError("once")


def first_time(number: int) -> bool:
    """Whether this number was never here before, also by processes that died."""
    try:
        (Path(os.environ[MARKS]) / str(number)).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
