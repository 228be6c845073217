"""Celery as both frameworks use it: the same broker, the same settings, the request id kept."""

from typing import Any

from celery import Celery, Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

from core.env import get_settings
from core.logs import bind_request_id, clear_request_id, configure_logging, current_request_id

REQUEST_ID_HEADER = "request_id"


def make_celery(name: str) -> Celery:
    """A Celery application on the project's broker.

    Settings: https://docs.celeryq.dev/en/stable/userguide/configuration.html
    """
    app = Celery(name, broker=get_settings().redis_url)
    app.conf.update(
        # A task that its worker did not finish is delivered again, so tasks are idempotent.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=300,
        task_soft_time_limit=270,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        timezone="UTC",
    )
    return app


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    configure_logging()


@before_task_publish.connect
def _send_request_id(headers: dict[str, Any], **_: Any) -> None:
    if request_id := current_request_id():
        headers.setdefault(REQUEST_ID_HEADER, request_id)


@task_prerun.connect
def _take_request_id(task: Task[Any, Any], **_: Any) -> None:
    clear_request_id()
    bind_request_id(task.request.get(REQUEST_ID_HEADER))


@task_postrun.connect
def _forget_request_id(**_: Any) -> None:
    clear_request_id()
