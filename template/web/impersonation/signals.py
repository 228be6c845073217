"""Notes in the audit log when somebody begins to work as a user, and when that ends."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from hijack.signals import hijack_ended, hijack_started

from core.audit import Actor, ActorKind, AuditAction
from web.accounts.models import User
from web.audit.middleware import client_ip, impersonator_id
from web.audit.record import record


@receiver(hijack_started)
def note_start(request: HttpRequest, hijacker: User, hijacked: User, **_: Any) -> None:
    """The member of staff begins."""
    note(request, AuditAction.IMPERSONATION_STARTED, hijacker.pk, hijacked)


@receiver(hijack_ended)
def note_end(request: HttpRequest, hijacker: User, hijacked: User, **_: Any) -> None:
    """The member of staff is themselves again."""
    note(request, AuditAction.IMPERSONATION_ENDED, hijacker.pk, hijacked)


@receiver(user_logged_out)
def note_logout(request: HttpRequest, user: User | None, **_: Any) -> None:
    """Logging out ends it, too."""
    staff_id = impersonator_id(request)
    if staff_id and user:
        note(request, AuditAction.IMPERSONATION_ENDED, staff_id, user)


def note(request: HttpRequest, action: AuditAction, staff_id: int, user: User) -> None:
    """Record it as the act of the member of staff."""
    actor = Actor(kind=ActorKind.USER, id=staff_id, ip_address=client_ip(request))
    record(action, target=("user", user.pk), actor=actor)
