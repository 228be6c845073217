"""A worker that runs one row of the outbox, as a process that can be killed.

    python -m tests.outgoing.worker URL ROW

does what the workers of both frameworks do with the task.
"""

import sys

from core.outbox import work
from core.outgoing.client import Client
from core.outgoing.deliver import deliver
from core.outgoing.tasks import Deliver
from tests.outbox.working import Database, Transaction


def run(payload: Deliver, transaction: Transaction) -> None:
    """Try once to deliver."""
    deliver(transaction.execute, payload.delivery, Client(allow_local=True, total=10))


if __name__ == "__main__":
    work.run(Deliver, int(sys.argv[2]), Database(sys.argv[1]), run)
