"""The tasks of webhooks."""

from core.outbox import Task


class HandleEvent(Task, name="webhooks.handle_event", queue="urgent"):
    """Do what an event of the ledger asks for."""

    event: int
