"""What the worker does for accounts."""

from django.core.management import call_command
from django.db import connection

from core.api.idempotency import PURGE
from core.encryption import decrypt
from core.tasks import (
    PurgeExpired,
    SendLoginCode,
    SendMail,
    SendProofCode,
    SendResetMail,
    SendVerificationCode,
    SendWelcomeMail,
)
from web import mail
from web.accounts.links import absolute, reset_link
from web.accounts.models import AccessToken, User
from web.queue import task
from web.teams.models import Invitation


@task(SendMail)
def send_mail(payload: SendMail) -> None:
    """Send a mail whose content holds no secret."""
    mail.send_mail(payload.template, payload.to, payload.context)


@task(SendLoginCode)
def send_login_code(payload: SendLoginCode) -> None:
    """Send the code that logs somebody in."""
    mail.send_mail("login_code", payload.email, {"code": decrypt(payload.code)})


@task(SendProofCode)
def send_proof_code(payload: SendProofCode) -> None:
    """Send the code by which somebody who is logged in proves that it is them."""
    sessions = absolute("usersessions_list")
    mail.send_mail("proof_code", payload.email, {"code": decrypt(payload.code), "url": sessions})


@task(SendVerificationCode)
def send_verification_code(payload: SendVerificationCode) -> None:
    """Send the code that verifies an address."""
    mail.send_mail("verification_code", payload.email, {"code": decrypt(payload.code)})


@task(SendResetMail)
def send_reset_mail(payload: SendResetMail) -> None:
    """Send the link that sets a new password, unless the user or the address is gone by now."""
    user = User.objects.filter(pk=payload.user_id, is_active=True).first()
    if user and user.email == payload.email.lower():
        mail.send_mail("reset_password", payload.email, {"url": reset_link(user)})


@task(SendWelcomeMail)
def send_welcome_mail(payload: SendWelcomeMail) -> None:
    """Greet somebody whose address was just verified."""
    user = User.objects.filter(pk=payload.user_id, is_active=True).first()
    if user:
        mail.send_mail("welcome", user.email, {"url": absolute("dashboard")})


@task(PurgeExpired)
def purge_expired(payload: PurgeExpired) -> None:
    """Delete what opens nothing any more, old invitations, and answers nobody asks for again."""
    AccessToken.objects.all().expired().delete()
    Invitation.objects.spent().delete()
    with connection.cursor() as cursor:
        cursor.execute(PURGE)
    call_command("clearsessions")
