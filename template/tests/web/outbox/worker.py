"""Django's worker with the task of the tests: `celery -A tests.web.outbox.worker worker`."""

from django.db import connection

from tests.outbox.effects import Effect, apply
from web.celery import app as app
from web.queue import task


@task(Effect)
def effect(payload: Effect) -> None:
    """Have the effect in Django's transaction."""
    with connection.cursor() as cursor:
        apply(payload.number, cursor.execute)
