"""The worker does whatever billing asks for."""

from core.billing import tasks
from core.outbox import Task
from core.webhooks.tasks import HandleEvent
from service.celery import app as celery


def test_the_worker_knows_every_task_of_billing() -> None:
    celery.loader.import_default_modules()
    declared = {
        each.name
        for each in vars(tasks).values()
        if isinstance(each, type) and issubclass(each, Task) and each is not Task
    }
    assert len(declared) > 5
    assert declared | {HandleEvent.name} <= set(celery.tasks)
