"""What the worker does for accounts."""

from smtplib import SMTPException
from typing import Any

from allauth.account.models import EmailAddress
from celery import shared_task
from django.core.management import call_command

from core import tasks
from web import mail
from web.accounts.links import absolute, reset_link, verification_link
from web.accounts.models import AccessToken, User

# A mail server that is away comes back: nine tries over more than an hour.
MAIL_TASK: dict[str, Any] = {
    "autoretry_for": (OSError, SMTPException),
    "retry_backoff": 10,
    "retry_backoff_max": 1200,
    "max_retries": 8,
}


@shared_task(name=tasks.SEND_MAIL, **MAIL_TASK)
def send_mail(template: str, to: str, context: dict[str, object]) -> None:
    """Send a mail whose content holds no secret."""
    mail.send_mail(template, to, context)


@shared_task(name=tasks.SEND_VERIFICATION_MAIL, **MAIL_TASK)
def send_verification_mail(email_address_id: int) -> None:
    """Ask for the confirmation of an address, unless it is confirmed or gone by now."""
    address = EmailAddress.objects.filter(pk=email_address_id, verified=False).first()
    if address:
        mail.send_mail("verify_email", address.email, {"url": verification_link(address)})


@shared_task(name=tasks.SEND_RESET_MAIL, **MAIL_TASK)
def send_reset_mail(user_id: int, email: str) -> None:
    """Send the link that sets a new password, unless the user is gone by now."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user:
        mail.send_mail("reset_password", email, {"url": reset_link(user)})


@shared_task(name=tasks.SEND_WELCOME_MAIL, **MAIL_TASK)
def send_welcome_mail(user_id: int) -> None:
    """Greet somebody whose address was just verified."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user:
        mail.send_mail("welcome", user.email, {"url": absolute("dashboard")})


@shared_task(name=tasks.PURGE_EXPIRED)
def purge_expired() -> None:
    """Delete tokens and sessions that open nothing any more."""
    AccessToken.objects.all().expired().delete()
    call_command("clearsessions")
