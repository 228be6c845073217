"""What the service asks for is run by the worker of this stack."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import httpx
import psycopg
import pytest
from fastapi import FastAPI

from core.env import get_settings
from core.logs import bind_request_id, clear_request_id
from core.tasks import SendWelcomeMail
from sandbox.mailbox.thread import Mailbox
from service.queue import enqueue
from tests.background import LEFT, relay_and_worker
from tests.service.schema import WORKER

pytestmark = pytest.mark.anyio


async def test_a_mail_that_the_service_asks_for_is_sent(
    app: FastAPI,
    client: httpx.AsyncClient,
    database: psycopg.Connection[dict[str, Any]],
    make_user: Callable[..., int],
    mailbox: Mailbox,
    environment: Callable[..., None],
) -> None:
    # A broker's database of its own: beside Django, its tests have a worker on another database.
    environment(REDIS_URL=urlsplit(get_settings().redis_url)._replace(path="/5").geturl())
    user_id = make_user("ann@example.com")
    with relay_and_worker(WORKER, get_settings().database_url) as worker:
        bind_request_id("asked-for-by-the-service")
        async with app.state.pool.connection() as connection, connection.transaction():
            await enqueue(connection, SendWelcomeMail(user_id=user_id))
        clear_request_id()
        wait = partial(mailbox.wait, to="ann@example.com")
        assert "Welcome" in (await anyio.to_thread.run_sync(wait)).subject
        worker.log_until(event="task_done", request_id="asked-for-by-the-service")
        assert database.execute(LEFT).fetchone() is None
        assert (await client.get("/readyz")).json()["queue"]["workers"] == 1
    assert (await client.get("/readyz")).json()["queue"]["workers"] == 0
