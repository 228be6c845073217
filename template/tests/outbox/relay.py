"""The relay, with the task of the tests: `python -m tests.outbox.relay [WHEN NUMBER]`.

With arguments it publishes small batches and is killed while it does: `before` or `after` it hands
its so-manieth batch to the broker.
"""

import os
import signal
import sys
from typing import Any

from kombu.transport import redis

from core.outbox import relay
from core.outbox.declare import REGISTRY
from tests.outbox import effects

assert effects.Effect.name in REGISTRY


def die(when: str, last: int) -> None:
    """Arrange the death of this process."""
    # The annotations of kombu do not know of it.
    batch: Any = redis.PublishBatch  # type: ignore[attr-defined]
    flush, flushed = batch.flush, 0

    def dying_flush(self: Any) -> None:
        nonlocal flushed
        flushed += 1
        if flushed == last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        flush(self)
        if flushed == last:
            os.kill(os.getpid(), signal.SIGKILL)

    batch.flush = dying_flush
    relay.BATCH = 30


if __name__ == "__main__":
    # Tests kill many workers, and each time wait until the relay notices.
    relay.DROPPED_AFTER, relay.SWEEP = 1, 0.5
    # Nor do they wait for what the clock brings.
    relay.SCHEDULE = ()  # type: ignore[attr-defined]
    if sys.argv[1:]:
        die(sys.argv[1], int(sys.argv[2]))
    relay.main()
