"""Tasks, by a real worker."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx
import pytest
from celery import Celery

from core.env import get_settings
from core.logs import REQUEST_ID_HEADER
from core.tasks import PURGE_EXPIRED, SEND_MAIL, SEND_VERIFICATION_MAIL
from sandbox.mailbox.mail import CaughtMail
from sandbox.ports import free_port
from service import queue
from service.celery import app as celery
from tests.service.accounts.conftest import Worker, post
from tests.service.conftest import PASSWORD

pytestmark = pytest.mark.anyio


async def test_the_request_id_travels_to_the_task(
    client: httpx.AsyncClient, worker: Worker, mail: Callable[..., Awaitable[CaughtMail]]
) -> None:
    client.headers[REQUEST_ID_HEADER] = "travels-with-the-task"
    await post(client, "/register", email="new@example.com", password=PASSWORD)
    await mail("new@example.com")
    worker.wait_for("succeeded", SEND_VERIFICATION_MAIL, '"request_id": "travels-with-the-task"')


def test_a_mail_that_the_mail_server_does_not_take_is_tried_again() -> None:
    # A database of Valkey of its own, so that the other worker does not take the task.
    broker = urlsplit(get_settings().redis_url)._replace(path="/5").geturl()
    worker = Worker(REDIS_URL=broker, SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    try:
        with Celery(broker=broker) as app:
            context = {"url": "http://testserver"}
            app.send_task(SEND_MAIL, ("unknown_account", "ann@example.com", context))
        worker.wait_for(SEND_MAIL, "retry: Retry in", "ConnectionRefusedError")
    finally:
        worker.stop()


async def test_without_the_broker_people_still_sign_up_and_an_error_is_logged(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Celery(broker=f"redis://127.0.0.1:{free_port()}/0") as away:
        away.conf.broker_connection_timeout = 1
        monkeypatch.setattr(queue, "app", away)
        answer = await post(client, "/register", email="new@example.com", password=PASSWORD)
    assert answer.status_code == 202
    assert "task not enqueued" in caplog.text


def test_expired_tokens_are_purged_every_night() -> None:
    celery.loader.import_default_modules()
    scheduled = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    assert PURGE_EXPIRED in scheduled
    assert scheduled <= set(celery.tasks)
