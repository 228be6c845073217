"""Celery as both frameworks use it: the same broker, the same settings, the request id kept."""

import logging
from typing import Any

from celery import Celery, Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from kombu import Exchange, Queue

from core.env import get_settings
from core.logs import bind_request_id, clear_request_id, configure_logging, current_request_id
from core.outbox.declare import QUEUES
from core.worker import EndsAtLast

REQUEST_ID_HEADER = "request_id"


def make_celery(name: str) -> Celery:
    """A Celery application on the project's broker.

    Settings: https://docs.celeryq.dev/en/stable/userguide/configuration.html
    """
    app = Celery(name, broker=get_settings().redis_url)
    app.conf.update(
        # A message that its worker did not finish is delivered again. The row in the outbox
        # decides whether there is still something to do, so a repetition costs one query.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        task_default_queue="default",
        broker_transport_options={
            # The first queue that has work, instead of one after the other.
            "queue_order_strategy": "priority",
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
        },
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        timezone="UTC",
    )
    app.steps["worker"].add(EndsAtLast)
    return app


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    configure_logging()
    # One line for each task, ours, instead of three.
    for name in ("celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(name).setLevel(logging.WARNING)


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
