"""What the worker does with the ledger."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.webhooks import work
from core.webhooks.tasks import HandleEvent, SweepEvents
from service.execute import executor
from service.tasks import task


@task(HandleEvent)
def handle_event(payload: HandleEvent, session: Session) -> None:
    """Do what an event asks for."""
    work.handle_event(executor(session.connection()), payload.event)


@task(SweepEvents)
def sweep(payload: SweepEvents, session: Session) -> None:
    """Find what fell through."""
    work.sweep(executor(session.connection()), datetime.now(UTC))
