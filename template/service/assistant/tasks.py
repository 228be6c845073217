"""What the worker does for the assistant."""

from sqlalchemy.orm import Session

from core.assistant.sweep import sweep
from core.assistant.tasks import SweepAnswers
from service.execute import executor
from service.tasks import task


@task(SweepAnswers)
def sweep_answers(payload: SweepAnswers, session: Session) -> None:
    """Mark the answers as failed whose process was killed."""
    sweep(executor(session.connection()))
