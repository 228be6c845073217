"""Who acts in a request, for everything that it records."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse

from core.audit import Actor, ActorKind, acting_as
from web.accounts.models import User

Handler = Callable[[HttpRequest], HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person, or a stranger who has an address alone."""
    user = request.user
    return Actor(
        kind=ActorKind.USER,
        id=user.pk if isinstance(user, User) else None,
        impersonator_id=impersonator_id(request),
        ip_address=client_ip(request),
    )


def impersonator_id(request: HttpRequest) -> int | None:
    """The member of staff who works as the user of this session, if one does."""
    history = request.session.get("hijack_history")
    return int(history[0]) if history else None


def client_ip(request: HttpRequest) -> str | None:
    """Where the request came from, as trusted proxies tell it."""
    try:
        return get_adapter().get_client_ip(request) or None
    except (ImproperlyConfigured, PermissionDenied):
        # Fewer proxies than the settings name, or an address that is none.
        return None


def audit_actor(get_response: Handler) -> Handler:
    """Let what a request records name who sent it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with acting_as(actor_of(request)):
            return get_response(request)

    return middleware
