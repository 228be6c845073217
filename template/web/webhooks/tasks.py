"""What the worker does with the ledger."""

from core.webhooks import work
from core.webhooks.tasks import HandleEvent
from web.queue import CurrentTransaction, task


@task(HandleEvent)
def handle_event(payload: HandleEvent) -> None:
    """Do what an event asks for."""
    work.handle_event(CurrentTransaction().execute, payload.event)
