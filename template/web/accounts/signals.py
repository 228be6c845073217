"""What happens when allauth reports something."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import (
    email_confirmed,
    password_changed,
    password_reset,
    password_set,
)
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from core.tasks import SendWelcomeMail
from core.tokens import digest
from web.accounts.models import AccessToken, User
from web.queue import enqueue


@receiver(email_confirmed)
def welcome(email_address: EmailAddress, **_: Any) -> None:
    """Greet a new user; who has logged in before has only changed the address."""
    if email_address.user.last_login is None:
        enqueue(SendWelcomeMail(user_id=email_address.user_id))


@receiver(email_confirmed)
def forget_untried_password(request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    """Who verifies an address by a login code keeps no password that somebody else may know.

    Anybody can sign up with somebody else's address, choose the password and wait: without this,
    the owner's first login by code would open the account to both.
    """
    user = email_address.user
    if user.last_login is not None:
        return
    proofs = {record["method"] for record in get_authentication_records(request, user)}
    if "code" in proofs and user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])


@receiver(user_logged_out)
def end_page_tokens(request: HttpRequest, **_: Any) -> None:
    """A page's token dies with the session it came from."""
    if session_key := request.session.session_key:
        AccessToken.objects.filter(session_digest=digest(session_key)).delete()


@receiver([password_changed, password_reset, password_set])
def end_all_tokens(user: User, **_: Any) -> None:
    """Whoever knew the old password is out, programs and pages included."""
    user.access_tokens.all().delete()
