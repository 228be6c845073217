"""What routes ask for, and what the worker's session promises."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.outbox import work
from core.tasks import PurgeExpired, SendWelcomeMail
from service import tasks
from service.accounts.models import User
from service.celery import app as celery
from service.db import sessions
from service.queue import enqueue
from service.tasks import WorkerDatabase, engine
from tests.service.conftest import PASSWORD
from tests.service.outbox.rows import messages

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def published(database: Database) -> Iterator[int]:
    """The row of a task that the broker has been told of."""
    yield publish(database)
    engine().dispose()


def publish(database: Database) -> int:
    """Ask for a task as a relay leaves it."""
    row = database.execute(
        "INSERT INTO outbox_message (task, payload, request_id, schedule, attempts, created_at,"
        " available_at, published_at) VALUES ('accounts.purge_expired', '{}', '', '', 0, now(),"
        " now(), now()) RETURNING id"
    ).fetchone()
    assert row
    return int(row["id"])


def rename(session: Session, name: str) -> None:
    """Change everybody's name."""
    session.execute(update(User).values(name=name))


def names(database: Database) -> list[str]:
    """Everybody's name."""
    return [row["name"] for row in database.execute("SELECT name FROM accounts_user").fetchall()]


async def test_a_row_comes_and_goes_with_the_session(app: FastAPI, database: Database) -> None:
    async with sessions() as session:
        await enqueue(session, PurgeExpired())
        await session.rollback()
        await enqueue(session, SendWelcomeMail(user_id=1))
        assert messages(database) == []
        await session.commit()
    assert messages(database) == [("accounts.send_welcome_mail", {"user_id": 1})]


async def test_a_sign_up_and_its_mail_are_one_transaction(
    client: httpx.AsyncClient, database: Database
) -> None:
    body = {"email": "new@example.com", "password": PASSWORD}
    assert (await client.post("/api/v1/auth/register", json=body)).status_code == 202
    address = database.execute(
        "SELECT address.id, address.xmin = message.xmin AS together"
        " FROM account_emailaddress address, outbox_message message"
    ).fetchone()
    assert address
    assert address["together"]
    payload = {"email_address_id": address["id"]}
    assert messages(database) == [("accounts.send_verification_mail", payload)]


@pytest.mark.parametrize("path", ["/register", "/password/forgot", "/verify/resend"])
async def test_known_and_unknown_addresses_cost_one_row_each(
    client: httpx.AsyncClient, database: Database, make_user: Callable[..., int], path: str
) -> None:
    make_user("ann@example.com")
    for count, email in enumerate(("ann@example.com", "bob@example.com"), start=1):
        body = {"email": email}
        if path == "/register":
            body["password"] = PASSWORD
        assert (await client.post(f"/api/v1/auth{path}", json=body)).status_code == 202
        assert len(messages(database)) == count


def test_the_worker_knows_every_task_of_the_template() -> None:
    celery.loader.import_default_modules()
    assert {"accounts.send_mail", PurgeExpired.name, SendWelcomeMail.name} <= set(celery.tasks)


def test_a_task_cannot_commit_without_its_row(
    database: Database, make_user: Callable[..., int], published: int
) -> None:
    make_user(name="Ann")

    def commits_and_fails(payload: PurgeExpired, session: Session) -> None:
        rename(session, "Dee")
        session.commit()
        raise RuntimeError("after its commit")

    work.run(
        PurgeExpired, published, WorkerDatabase(), lambda p, t: commits_and_fails(p, t.session)
    )
    assert names(database) == ["Ann"]
    row = database.execute("SELECT attempts, published_at FROM outbox_message").fetchone()
    assert row == {"attempts": 1, "published_at": None}


def test_a_task_asks_for_more_work_exactly_when_it_succeeds(
    database: Database, published: int
) -> None:
    def asks(payload: PurgeExpired, session: Session) -> None:
        tasks.enqueue(session, SendWelcomeMail(user_id=1))

    def asks_and_fails(payload: PurgeExpired, session: Session) -> None:
        asks(payload, session)
        raise RuntimeError("after all")

    work.run(PurgeExpired, published, WorkerDatabase(), lambda p, t: asks_and_fails(p, t.session))
    assert messages(database) == [("accounts.purge_expired", {})]
    database.execute("UPDATE outbox_message SET published_at = now()")
    work.run(PurgeExpired, published, WorkerDatabase(), lambda p, t: asks(p, t.session))
    assert messages(database) == [("accounts.send_welcome_mail", {"user_id": 1})]


def test_a_task_may_survive_what_the_database_refuses(
    database: Database, make_user: Callable[..., int], published: int
) -> None:
    make_user("ann@example.com")
    make_user("bob@example.com")

    def goes_on(payload: PurgeExpired, session: Session) -> None:
        with pytest.raises(IntegrityError):
            session.execute(update(User).values(email="same@example.com"))
        session.rollback()
        rename(session, "Dee")

    work.run(PurgeExpired, published, WorkerDatabase(), lambda p, t: goes_on(p, t.session))
    assert names(database) == ["Dee", "Dee"]
    assert messages(database) == []


def test_a_worker_survives_that_the_database_ended_its_connection(
    database: Database, make_user: Callable[..., int], published: int
) -> None:
    make_user(name="Ann")
    pids = []

    def done(payload: PurgeExpired, session: Session) -> None:
        pids.append(session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar())

    for row in (published, publish(database)):
        work.run(PurgeExpired, row, WorkerDatabase(), lambda p, t: done(p, t.session))
        database.execute("SELECT pg_terminate_backend(%s)", [pids[-1]])
    assert len(set(pids)) == 2
    assert messages(database) == []
