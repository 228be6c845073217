"""Who may call the API: a signed-in browser, or a program with a bearer token."""

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from web.accounts.models import AccessToken, User


class ApiRequest(HttpRequest):
    """A request whose caller is known."""

    auth: User


class BearerAuth(HttpBearer):
    """`Authorization: Bearer ...` with a token of `accounts.AccessToken`."""

    openapi_description = "An access token."

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token's user, or None, which the API answers with 401."""
        found = AccessToken.objects.all().for_bearer(token)
        return found.user if found else None


class BrowserAuth(SessionAuth):
    """The cookie of a signed-in browser; changes need the CSRF token too."""

    openapi_description = "The session cookie of a signed-in browser."

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """The signed-in user, or None."""
        return request.user if isinstance(request.user, User) else None
