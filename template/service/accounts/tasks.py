"""What the worker does for accounts."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.api.idempotency import PURGE
from core.encryption import decrypt
from core.env import get_settings
from core.tasks import (
    PurgeExpired,
    SendLoginCode,
    SendMail,
    SendResetMail,
    SendVerificationMail,
    SendWelcomeMail,
)
from service import mail
from service.accounts.links import (
    RESET_PASSWORD,
    VERIFY_EMAIL,
    reset_content,
    verification_content,
)
from service.accounts.models import AccessToken, EmailAddress, User, now
from service.tasks import task
from service.teams.tasks import purge_invitations


@task(SendMail)
def send_mail(payload: SendMail, session: Session) -> None:
    """Send a mail whose content holds no secret."""
    mail.send_mail(payload.template, payload.to, payload.context)


@task(SendVerificationMail)
def send_verification_mail(payload: SendVerificationMail, session: Session) -> None:
    """Ask for the confirmation of an address, unless it is confirmed or gone by now."""
    address = session.get(EmailAddress, payload.email_address_id)
    if address and not address.verified:
        url = VERIFY_EMAIL.link(verification_content(address))
        mail.send_mail("verify_email", address.email, {"url": url})


@task(SendResetMail)
def send_reset_mail(payload: SendResetMail, session: Session) -> None:
    """Send the link that sets a new password, unless the user or the address is gone by now."""
    user = active_user(session, payload.user_id)
    if user and user.email == payload.email:
        url = RESET_PASSWORD.link(reset_content(user))
        mail.send_mail("reset_password", payload.email, {"url": url})


@task(SendLoginCode)
def send_login_code(payload: SendLoginCode, session: Session) -> None:
    """Send the code that logs somebody in."""
    mail.send_mail("login_code", payload.email, {"code": decrypt(payload.code)})


@task(SendWelcomeMail)
def send_welcome_mail(payload: SendWelcomeMail, session: Session) -> None:
    """Greet somebody whose address was just verified."""
    user = active_user(session, payload.user_id)
    if user:
        mail.send_mail("welcome", user.email, {"url": get_settings().origin})


@task(PurgeExpired)
def purge_expired(payload: PurgeExpired, session: Session) -> None:
    """Delete tokens and invitations that open nothing any more, and answers nobody asks for."""
    session.execute(delete(AccessToken).where(AccessToken.expires_at <= now()))
    purge_invitations(session)
    session.connection().exec_driver_sql(PURGE)


def active_user(session: Session, user_id: int) -> User | None:
    """The user, unless gone or locked out by now."""
    return session.scalar(select(User).where(User.id == user_id, User.is_active))
