"""The tasks of webhooks, and when the periodic one runs."""

from typing import ClassVar

from core.outbox import Task
from core.outbox.schedule import Periodic


class HandleEvent(Task, name="webhooks.handle_event", queue="urgent"):
    """Do what an event of the ledger asks for."""

    note_failure: ClassVar[str] = """
        UPDATE webhooks_event SET attempts = attempts + 1, error = %(error)s WHERE id = %(event)s
    """

    event: int


class SweepEvents(Task, name="webhooks.sweep"):
    """Find events that nobody handled, and forget those that were handled long ago."""


WEBHOOKS_SCHEDULE: tuple[Periodic, ...] = (
    Periodic("webhooks-sweep", "*/5 * * * *", SweepEvents()),
)
