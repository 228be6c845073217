"""What every writer process does: `python -m WRITER FIRST COUNT` asks for so many effects.

Each number is a transaction of its own; every fifth is rolled back. Before it ends the
transaction the writer says so on its standard output, and at the number HOLD it waits there.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

HOLD = "FAULT_HOLD"


class RolledBack(Exception):
    """Ends a transaction without its effect."""


Write = Callable[[int, str], AbstractContextManager[None]]


def run(name: str, write: Write, away: type[Exception], taken: type[Exception]) -> None:
    """Write the numbers of the command line.

    `write(number, name)` opens a transaction, writes the request and the task, and commits at the
    end of the block. It raises `away` while the database is, and `taken` when the number is there:
    then a commit whose answer was lost had succeeded.
    """
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for number in range(first, first + count):
        while True:
            try:
                with write(number, name):
                    sys.stdout.write(f"{number}\n")
                    sys.stdout.flush()
                    if str(number) == os.environ.get(HOLD):
                        sys.stdin.read()
                    if number % 5 == 4:
                        raise RolledBack
            except away:
                time.sleep(0.05)
            except (RolledBack, taken):
                break
            else:
                break
