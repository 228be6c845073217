"""Enqueues tasks from requests, after the commit and after the answer."""

import asyncio

import structlog
from fastapi import BackgroundTasks
from kombu.exceptions import OperationalError

from service.celery import app

log = structlog.get_logger(__name__)


def enqueue(background: BackgroundTasks, task: str, *args: object) -> None:
    """Send the task to the broker once the answer is out. Call it after the commit.

    So the time of an answer never tells whether there was something to enqueue.
    """
    background.add_task(send, task, *args)


async def send(task: str, *args: object) -> None:
    """Send the task to the broker, off the event loop. A broker that is away is logged."""
    try:
        await asyncio.to_thread(app.send_task, task, args)
    except OperationalError:
        log.exception("task not enqueued", task=task)
