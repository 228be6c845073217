"""The sessions of a person: where they are, when they were last used, and how they end."""

from collections.abc import Callable, Iterable

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from core.audit import AuditAction
from core.tokens import digest
from web.accounts.history import note
from web.accounts.models import AccessToken, User

NOTED_FOR = 5 * 60  # seconds; more often is not worth a write
Handler = Callable[[HttpRequest], HttpResponse]


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Ends what a session opened with it."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End these sessions, and the tokens of their pages at once."""
        ended = list(sessions)
        digests = [digest(session.session_key) for session in ended]
        AccessToken.objects.filter(session_digest__in=digests).delete()
        for session in ended:
            note(session.user, AuditAction.SESSION_ENDED)
        super().end_sessions(ended)


def note_session(get_response: Handler) -> Handler:
    """Note, every few minutes, from where a session is used.

    allauth's own middleware writes with every request.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and isinstance(request.user, User) and cache.add(noted(key), 1, NOTED_FOR):
            UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def noted(session_key: str) -> str:
    """The key under which the cache remembers that a session was noted."""
    return f"session-noted:{digest(session_key)}"
