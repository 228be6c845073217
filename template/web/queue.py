"""Hand work to the worker."""

from functools import partial

from django.db import transaction

from web.celery import app


def enqueue(task: str, **payload: object) -> None:
    """Run the task named in `core.tasks` with this JSON payload, once the transaction committed."""
    transaction.on_commit(partial(app.send_task, task, kwargs=payload))
