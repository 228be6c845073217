"""The relay, with the task of the tests: `python -m tests.outbox.relay [WHEN NUMBER]`.

With arguments it is killed while it publishes: `before` or `after` it hands its so-manieth message
to the broker.
"""

import os
import signal
import sys
from typing import Any

from celery import Celery

from core.outbox import relay
from core.outbox.declare import REGISTRY
from tests.outbox import effects

assert effects.Effect.name in REGISTRY


def die(when: str, last: int) -> None:
    """Arrange the death of this process."""
    send, sent = Celery.send_task, 0

    def dying_send(self: Celery, *args: Any, **options: Any) -> object:
        nonlocal sent
        sent += 1
        if sent == last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = send(self, *args, **options)
        if sent == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    Celery.send_task = dying_send  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    if sys.argv[1:]:
        die(sys.argv[1], int(sys.argv[2]))
    relay.main()
