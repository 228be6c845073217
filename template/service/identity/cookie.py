"""The session of a browser: the same opaque token, in a cookie that scripts cannot read.

What the prefix `__Host-` promises: RFC 6265bis, "The __Host- Prefix".
"""

from datetime import datetime

from fastapi import Request, Response

from core.env import get_settings
from service.http.problems import Problem

NAME = "session_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_name() -> str:
    """With the prefix no other host, and no page without TLS, can set it."""
    return f"__Host-{NAME}" if is_secure() else NAME


def set_cookie(response: Response, token: str, expires_at: datetime) -> None:
    """Hand the token to the browser."""
    response.set_cookie(
        cookie_name(),
        token,
        expires=expires_at,
        path="/",
        secure=is_secure(),
        httponly=True,
        samesite="lax",
    )


def delete_cookie(response: Response) -> None:
    """Let the browser forget the token."""
    response.delete_cookie(
        cookie_name(), path="/", secure=is_secure(), httponly=True, samesite="lax"
    )


def is_secure() -> bool:
    """Always in production, where the origin must be https."""
    return get_settings().origin.startswith("https://")


def check_same_origin(request: Request) -> None:
    """Refuse a change that another site may have made the browser send.

    Browsers send `Origin` with whatever is not GET or HEAD, and today's send `Sec-Fetch-Site` too.
    Whoever sends neither is no browser, and should send a bearer token (OWASP's Cross-Site Request
    Forgery Prevention Cheat Sheet, "Verifying Origin With Standard Headers").
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if origin is None and site is None:
        raise cross_site("A browser's request names its origin; programs send a bearer token.")
    if origin not in (None, get_settings().origin) or site not in (None, "same-origin"):
        raise cross_site("The request does not come from a page of this origin.")


def cross_site(detail: str) -> Problem:
    """403: nothing was changed."""
    return Problem(403, "cross-site-request", "This request may be forged", detail)
