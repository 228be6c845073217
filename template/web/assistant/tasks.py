"""What the worker does for the assistant."""

from core.assistant.sweep import sweep
from core.assistant.tasks import SweepAnswers
from web.queue import CurrentTransaction, task


@task(SweepAnswers)
def sweep_answers(payload: SweepAnswers) -> None:
    """Mark the answers as failed whose process was killed."""
    sweep(CurrentTransaction().execute)
