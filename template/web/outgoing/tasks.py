"""What the worker does for webhooks; `core.outgoing` knows how."""

from core.outgoing.deliver import deliver as try_once
from core.outgoing.sweep import sweep as sweep_all
from core.outgoing.tasks import Deliver, Sweep
from web.queue import CurrentTransaction, task


@task(Deliver)
def deliver(payload: Deliver) -> None:
    """Try once to deliver, if that is due."""
    try_once(CurrentTransaction().execute, payload.delivery)


@task(Sweep)
def sweep(payload: Sweep) -> None:
    """Ask again for what fell through, and forget what is old."""
    sweep_all(CurrentTransaction().execute)
