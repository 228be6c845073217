"""Where allauth meets this project: mails are written in `core/mail` and sent by a task.

What is enqueued holds no secret that could be read: the task that sends a link also makes it, and
codes are encrypted.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from core.encryption import encrypt
from core.network import network_of, unmapped
from core.tasks import (
    SendLoginCode,
    SendMail,
    SendProofCode,
    SendResetMail,
    SendVerificationCode,
)
from web.accounts.links import absolute
from web.accounts.recent import MAILED_CODE, has_login_alone, logged_in_recently
from web.queue import enqueue

# allauth's name of a mail: the name of ours, and the page its link opens.
MAILS = {
    "account/email/account_already_exists": ("account_exists", "account_reset_password"),
    "account/email/email_changed": ("email_changed", "account_reset_password"),
    "account/email/email_deleted": ("email_removed", "account_reset_password"),
    "account/email/password_changed": ("password_changed", "account_reset_password"),
    "account/email/password_reset": ("password_changed", "account_reset_password"),
    "account/email/password_set": ("password_changed", "account_reset_password"),
    "account/email/unknown_account": ("unknown_account", "account_signup"),
}
# allauth's name of a mail about the ways to sign in: what it says.
CHANGES = {
    "mfa/email/recovery_codes_generated": "new recovery codes were made",
    "mfa/email/totp_activated": "an authenticator app was added",
    "mfa/email/totp_deactivated": "the authenticator app was removed",
    "mfa/email/webauthn_added": "a passkey was added",
    "mfa/email/webauthn_removed": "a passkey was removed",
    "removed_by_staff": "our staff removed a passkey, app or recovery codes",
    "socialaccount/email/account_connected": "an account at another site was connected",
    "socialaccount/email/account_disconnected": "an account at another site was disconnected",
}
# What allauth tells about a mail, under the names that our templates use.
DETAILS = {"to_email": "new_email", "deleted_email": "removed_email"}
LOGIN_CODE = "account/email/login_code"
# The welcome mail already says that the address is confirmed.
UNSENT = "account/email/email_confirm"


class AccountAdapter(DefaultAccountAdapter):
    """Enqueues the mails of the accounts, and counts failed logins so that nobody is locked out."""

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords per address and place: nobody locks out somebody elsewhere."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{network_of(self.get_client_ip(request))}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where the request came from. An IPv4 address is written as one, also behind IPv6.

        allauth counts by networks of IPv6, and all IPv4 addresses would be in one of them.
        """
        return unmapped(super().get_client_ip(request))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether another proof is asked for. Who has but a login need not repeat it at once."""
        if has_login_alone(self.request.user) and logged_in_recently(self.request):
            return False
        asked: bool = super().is_reauthentication_required(app=app, **kwargs)
        return asked

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """How they prove again who they are: by what they have, or else by mail or a new login.

        A mailed code never stands in for the password or a second factor: where a browser was left
        open, the mailbox often is, too.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated or not has_login_alone(user):
            return [method for method in methods if method["id"] != MAILED_CODE]
        login = {
            "id": "log_in_again",
            "description": "Log in again",
            "url": reverse("log_in_again"),
        }
        return [*methods, login]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Enqueue the mail; raises `KeyError` for one that this module does not name."""
        if template_prefix == UNSENT:
            return
        if template_prefix == LOGIN_CODE:
            # A code before something that an open browser must not do has the same name there.
            task = SendProofCode if context["reauthentication"] else SendLoginCode
            enqueue(task(email=email, code=encrypt(context["code"])))
            return
        if change := CHANGES.get(template_prefix):
            details = {"url": absolute("account"), "change": change}
            enqueue(SendMail(template="sign_in_changed", to=email, context=details))
            return
        template, page = MAILS[template_prefix]
        details = {ours: context[theirs] for theirs, ours in DETAILS.items() if theirs in context}
        enqueue(SendMail(template=template, to=email, context={"url": absolute(page), **details}))

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: EmailVerificationProcess, signup: bool
    ) -> None:
        """Enqueue the mail with the code that verifies an address."""
        email = emailconfirmation.email_address.email
        enqueue(SendVerificationCode(email=email, code=encrypt(emailconfirmation.code)))

    def send_password_reset_mail(
        self, user: AbstractBaseUser, email: str, context: dict[str, Any]
    ) -> None:
        """Enqueue the mail with the link that sets a new password."""
        enqueue(SendResetMail(user_id=user.pk, email=email))
