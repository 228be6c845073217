"""The template's tasks and periodic work; yours are in `core/product/tasks.py`."""

from typing import Any

from core.outbox import Task
from core.outbox.schedule import Periodic
from core.product.tasks import PRODUCT_SCHEDULE


class SendMail(Task, name="accounts.send_mail", queue="mail"):
    """Send one of `core/mail/templates`; its context holds no secret."""

    template: str
    to: str
    context: dict[str, Any]


class SendVerificationMail(Task, name="accounts.send_verification_mail", queue="mail"):
    """Ask for the confirmation of an address."""

    email_address_id: int


class SendResetMail(Task, name="accounts.send_reset_mail", queue="mail"):
    """Send the link that sets a new password."""

    user_id: int
    email: str


class SendLoginCode(Task, name="accounts.send_login_code", queue="mail", max_attempts=5):
    """Send the code that logs somebody in; `code` is encrypted by `core.encryption`."""

    email: str
    code: str


class SendVerificationCode(
    Task, name="accounts.send_verification_code", queue="mail", max_attempts=5
):
    """Send the code that verifies an address; `code` is encrypted by `core.encryption`."""

    email: str
    code: str


class SendWelcomeMail(Task, name="accounts.send_welcome_mail", queue="mail"):
    """Greet somebody whose address was just verified."""

    user_id: int


class SendInvitation(Task, name="teams.send_invitation", queue="mail"):
    """Invite somebody to a team; makes the token of the link, and keeps only its digest."""

    invitation_id: int


class PurgeExpired(Task, name="accounts.purge_expired"):
    """Delete tokens and sessions that open nothing any more."""


SCHEDULE: tuple[Periodic, ...] = (
    Periodic("purge-expired", "15 3 * * *", PurgeExpired()),
    *PRODUCT_SCHEDULE,
)
