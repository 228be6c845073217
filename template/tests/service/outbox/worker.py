"""The worker with the task of the tests: `celery -A tests.service.outbox.worker worker`."""

from sqlalchemy.orm import Session

from service.celery import app as app
from service.tasks import task
from tests.outbox.effects import Effect, apply


@task(Effect)
def effect(payload: Effect, session: Session) -> None:
    """Have the effect in the session's transaction."""
    apply(payload.number, session.connection().exec_driver_sql)
