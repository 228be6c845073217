"""Mails, from the request to the worker."""

from collections.abc import Awaitable, Callable, Iterator

import httpx
import psycopg
import pytest
from sqlalchemy.orm import Session

from core.logs import REQUEST_ID_HEADER
from core.tasks import SendMail, SendResetMail, SendVerificationMail, SendWelcomeMail
from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.thread import Mailbox
from sandbox.ports import free_port
from service.accounts import tasks
from service.tasks import WorkerDatabase, engine
from tests.background import Background
from tests.service.accounts.conftest import post
from tests.service.conftest import PASSWORD

pytestmark = pytest.mark.anyio


@pytest.fixture
def session(database: psycopg.Connection[dict[str, object]]) -> Iterator[Session]:
    """The session that a task gets."""
    with WorkerDatabase().begin() as transaction:
        yield transaction.session
    engine().dispose()


async def test_the_request_id_travels_to_the_task(
    client: httpx.AsyncClient, worker: Background, mail: Callable[..., Awaitable[CaughtMail]]
) -> None:
    client.headers[REQUEST_ID_HEADER] = "travels-with-the-task"
    await post(client, "/register", email="new@example.com", password=PASSWORD)
    await mail("new@example.com")
    worker.log_until(event="task_done", request_id="travels-with-the-task")


def test_a_mail_that_the_mail_server_does_not_take_fails_its_task(
    environment: Callable[..., None], session: Session
) -> None:
    environment(SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    mail = SendMail(template="unknown_account", to="ann@example.com", context={"url": "http://x"})
    with pytest.raises(ConnectionRefusedError):
        tasks.send_mail(mail, session)


def test_mails_for_what_is_gone_are_not_sent(
    make_user: Callable[..., int],
    database: psycopg.Connection[dict[str, object]],
    session: Session,
    mailbox: Mailbox,
) -> None:
    user_id = make_user()
    row = database.execute("SELECT id FROM account_emailaddress").fetchone()
    assert row
    tasks.send_verification_mail(
        SendVerificationMail(email_address_id=int(str(row["id"]))), session
    )
    tasks.send_verification_mail(SendVerificationMail(email_address_id=0), session)
    tasks.send_welcome_mail(SendWelcomeMail(user_id=0), session)
    tasks.send_reset_mail(SendResetMail(user_id=0, email="ann@example.com"), session)
    # The address that was changed may be in other hands by now.
    tasks.send_reset_mail(SendResetMail(user_id=user_id, email="former@example.com"), session)
    assert mailbox.messages == []
