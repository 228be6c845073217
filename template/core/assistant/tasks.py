"""The tasks of the assistant, and when they run."""

from core.outbox import Task
from core.outbox.schedule import Periodic


class SweepAnswers(Task, name="assistant.sweep"):
    """Mark the answers as failed whose process was killed."""


ASSISTANT_SCHEDULE: tuple[Periodic, ...] = (
    Periodic("assistant-sweep", "* * * * *", SweepAnswers()),
)
