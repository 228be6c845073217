"""What keeps workers at work: they outlive their broker, and never stay without working.

Celery tells of its steps in https://docs.celeryq.dev/en/stable/userguide/extending.html
"""

import contextlib
import os
import signal
import threading
from typing import Any

import structlog
from billiard.process import active_children
from celery.apps.worker import Worker
from celery.bootsteps import StartStopStep
from kombu.transport import TRANSPORT_ALIASES, redis

END_WITHIN = 20.0  # seconds; less than platforms wait before they kill
FAILED = 1

log = structlog.get_logger(__name__)


class Transport(redis.Transport):
    """Redis, to which messages can be given back also by whoever has lost it.

    A worker that loses its broker closes what it had there: each channel, then the connection,
    which takes the address from the transport. When one channel cannot be closed, kombu goes on to
    the connection, and the channels that are left have unfinished messages but no address. They
    fail with an AttributeError, now or when the message's task is done, and that ends the worker.
    So the transport keeps the address: they fail to connect, which is what Celery expects.
    """

    _client: Any = None

    @property
    def client(self) -> Any:
        """The connection that knows the address."""
        return self._client

    @client.setter
    def client(self, client: Any) -> None:
        if client is not None:
            self._client = client


class EndsAtLast(StartStopStep):
    """Ends a worker that failed and does not get to its end.

    After an error of its own a worker waits for its tasks and for the broker, which may take for
    ever, and takes no work. While its process is there, nobody starts another one.
    """

    def close(self, worker: Worker) -> None:
        """The worker begins to end."""
        if worker.exitcode:
            timer = threading.Timer(END_WITHIN, end_now)
            timer.daemon = True
            timer.start()


def end_now() -> None:
    """End this process and those that run its tasks, which are begun again by another worker."""
    log.critical("worker_hung", seconds=END_WITHIN)
    for pid in filter(None, (child.pid for child in active_children())):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os._exit(FAILED)


for _scheme in ("redis", "rediss"):
    TRANSPORT_ALIASES[_scheme] = f"{__name__}:{Transport.__name__}"
