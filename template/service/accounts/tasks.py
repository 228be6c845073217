"""What the worker does for accounts. A task may run twice: a mail twice is better than none."""

from smtplib import SMTPException
from typing import Any

from sqlalchemy import NullPool, create_engine, delete, select
from sqlalchemy.orm import Session

from core import tasks
from core.env import get_settings
from service import mail
from service.accounts.links import (
    RESET_PASSWORD,
    VERIFY_EMAIL,
    reset_content,
    verification_content,
)
from service.accounts.models import AccessToken, EmailAddress, User, now
from service.celery import app
from service.db import database_url

# A mail server that is away comes back: nine tries over more than an hour.
MAIL_TASK: dict[str, Any] = {
    "autoretry_for": (OSError, SMTPException),
    "retry_backoff": 10,
    "retry_backoff_max": 1200,
    "max_retries": 8,
}


def database() -> Session:
    """A session with a connection of its own: tasks are few, and workers fork."""
    return Session(create_engine(database_url(), poolclass=NullPool))


@app.task(name=tasks.SEND_MAIL, **MAIL_TASK)
def send_mail(template: str, to: str, context: dict[str, object]) -> None:
    """Send a mail whose content holds no secret."""
    mail.send_mail(template, to, context)


@app.task(name=tasks.SEND_VERIFICATION_MAIL, **MAIL_TASK)
def send_verification_mail(address_id: int) -> None:
    """Ask for the confirmation of an address, unless it is confirmed or gone by now."""
    with database() as session:
        address = session.get(EmailAddress, address_id)
        if address is None or address.verified:
            return
        url = VERIFY_EMAIL.link(verification_content(address))
        to = address.email
    mail.send_mail("verify_email", to, {"url": url})


@app.task(name=tasks.SEND_RESET_MAIL, **MAIL_TASK)
def send_reset_mail(user_id: int, email: str) -> None:
    """Send the link that sets a new password, unless the user is gone by now."""
    with database() as session:
        user = session.scalar(select(User).where(User.id == user_id, User.is_active))
        if user is None:
            return
        url = RESET_PASSWORD.link(reset_content(user))
    mail.send_mail("reset_password", email, {"url": url})


@app.task(name=tasks.SEND_WELCOME_MAIL, **MAIL_TASK)
def send_welcome_mail(user_id: int) -> None:
    """Greet somebody whose address was just verified."""
    with database() as session:
        user = session.scalar(select(User).where(User.id == user_id, User.is_active))
        if user is None:
            return
        to, name = user.email, user.name
    mail.send_mail("welcome", to, {"name": name, "url": get_settings().origin})


@app.task(name=tasks.PURGE_EXPIRED)
def purge_expired() -> None:
    """Delete tokens that open nothing any more."""
    with database() as session, session.begin():
        session.execute(delete(AccessToken).where(AccessToken.expires_at <= now()))
