"""Of a worker that fails when it is told to: `celery ... worker --include tests.outbox.failing`."""

import signal
from typing import Any

from celery.signals import worker_ready

from core import worker

FAIL = signal.SIGUSR2


class Unexpected(Exception):
    """What no part of a worker expects."""


@worker_ready.connect
def arrange(**_: Any) -> None:
    """Be ready to fail; nobody waits for a test."""
    worker.END_WITHIN = 1.0
    signal.signal(FAIL, fail)


def fail(*_: object) -> None:
    """Fail amid whatever the worker does."""
    raise Unexpected
