"""What people change about their accounts, in the audit log."""

from dataclasses import replace
from typing import Any

from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.dispatch import receiver

from core.audit import ActorKind, AuditAction, current_actor
from web.accounts.models import User
from web.audit.record import record


def note(user: User, action: AuditAction, **details: object) -> None:
    """Write down what somebody did to their own account, who may not be logged in for it."""
    actor = current_actor()
    if actor.id is None:
        actor = replace(actor, kind=ActorKind.USER, id=user.pk)
    record(action, target=("user", user.pk), details=details, actor=actor)


@receiver([password_changed, password_reset, password_set])
def note_password(user: User, **_: Any) -> None:
    """The password is another."""
    note(user, AuditAction.PASSWORD_CHANGED)


@receiver(email_changed)
def note_email(user: User, **_: Any) -> None:
    """The address is another."""
    note(user, AuditAction.EMAIL_CHANGED)


@receiver(authenticator_added)
def note_factor_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    """A passkey, an app, or the first recovery codes."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        note(user, AuditAction.RECOVERY_CODES_MADE)
    else:
        note(user, AuditAction.SECOND_FACTOR_ADDED, type=authenticator.type)


@receiver(authenticator_reset)
def note_recovery_codes(user: User, **_: Any) -> None:
    """New recovery codes in place of the old."""
    note(user, AuditAction.RECOVERY_CODES_MADE)


@receiver(authenticator_removed)
def note_factor_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    """A passkey, the app, or recovery codes that are good for nothing without them."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        note(user, AuditAction.SECOND_FACTOR_REMOVED, type=authenticator.type)


@receiver(social_account_added)
def note_connection_added(sociallogin: SocialLogin, **_: Any) -> None:
    """An account at another site opens this one."""
    account = sociallogin.account
    note(account.user, AuditAction.CONNECTION_ADDED, provider=account.provider)


@receiver(social_account_removed)
def note_connection_removed(socialaccount: SocialAccount, **_: Any) -> None:
    """An account at another site opens this one no more."""
    note(socialaccount.user, AuditAction.CONNECTION_REMOVED, provider=socialaccount.provider)
