"""What the worker does for webhooks; `core.outgoing` knows how."""

from sqlalchemy.orm import Session

from core.outgoing.deliver import deliver as try_once
from core.outgoing.sweep import sweep as sweep_all
from core.outgoing.tasks import Deliver, Sweep
from service.execute import executor
from service.tasks import task


@task(Deliver)
def deliver(payload: Deliver, session: Session) -> None:
    """Try once to deliver, if that is due."""
    try_once(executor(session.connection()), payload.delivery)


@task(Sweep)
def sweep(payload: Sweep, session: Session) -> None:
    """Ask again for what fell through, and forget what is old."""
    sweep_all(executor(session.connection()))
