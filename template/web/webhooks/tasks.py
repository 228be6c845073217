"""What the worker does with the ledger."""

from django.utils import timezone

from core.webhooks import work
from core.webhooks.tasks import HandleEvent, SweepEvents
from web.queue import CurrentTransaction, task


@task(HandleEvent)
def handle_event(payload: HandleEvent) -> None:
    """Do what an event asks for."""
    work.handle_event(CurrentTransaction().execute, payload.event)


@task(SweepEvents)
def sweep(payload: SweepEvents) -> None:
    """Find what fell through."""
    work.sweep(CurrentTransaction().execute, timezone.now())
