"""Let several changes of one team happen at the same time, in transactions of their own."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from core.problems import Problem
from web.teams.models import Team

Outcome = str | None
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def race(
    team: Team, *changes: Callable[[], object], meanwhile: Callable[[], object] = lambda: None
) -> list[Outcome]:
    """Start all changes while the team is locked, and let it go when every one of them waits.

    What is done `meanwhile` commits before they go on. Answers the kind of the problem that each
    met, or None.
    """

    def run(change: Callable[[], object]) -> Outcome:
        try:
            with transaction.atomic():
                change()
        except Problem as problem:
            return problem.kind
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(changes)) as pool:
        with team.locked():
            running = [pool.submit(run, change) for change in changes]
            wait_for_waiting(len(changes))
            meanwhile()
        return [each.result(timeout=30) for each in running]


def wait_for_waiting(number: int) -> None:
    """Return when so many transactions wait for a lock."""
    patience = time.monotonic() + 10
    while time.monotonic() < patience:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0] == number:
                return
        time.sleep(0.01)
    raise AssertionError(f"{number} transactions were to wait for the lock of the team")
