"""The tasks of webhooks."""

from typing import ClassVar

from core.outbox import Task


class HandleEvent(Task, name="webhooks.handle_event", queue="urgent"):
    """Do what an event of the ledger asks for."""

    note_failure: ClassVar[str] = """
        UPDATE webhooks_event SET attempts = attempts + 1, error = %(error)s WHERE id = %(event)s
    """

    event: int
