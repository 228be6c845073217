"""`CurrentCaller`: put it into a route's parameters and only known callers reach the route."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.tokens import digest
from service.http.problems import Problem, documented
from service.identity import queries
from service.identity.cookie import SAFE_METHODS, SessionCookie, check_same_origin
from service.pool import CurrentPool, Pool

bearer = HTTPBearer(
    scheme_name="token",
    description="An opaque token, sent as `Authorization: Bearer ...`.",
    auto_error=False,
)
cookie = SessionCookie()
# For the `responses=` of routes with a caller.
UNAUTHENTICATED = documented(401, 403)


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who presented a valid token."""

    id: int
    email: str
    name: str
    is_staff: bool
    is_superuser: bool
    date_joined: datetime
    token_id: int
    token_kind: str


async def current_caller(
    request: Request,
    pool: CurrentPool,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    cookie_token: Annotated[str | None, Depends(cookie)],
) -> Caller:
    """The caller by bearer token, or else by cookie; answers 401 when neither is valid.

    A change by cookie is answered with 403 when another site may have sent it. With a bearer token
    the cookie is not looked at: no other site can make a browser send such a header.
    """
    token = credentials.credentials if credentials else cookie_token
    if token is None:
        raise unauthenticated()
    if credentials is None and request.method not in SAFE_METHODS:
        check_same_origin(request)
    caller = await caller_by_token(pool, token)
    if caller is None:
        raise unauthenticated("invalid_token")
    return caller


async def caller_by_token(pool: Pool, token: str) -> Caller | None:
    """The active user of a token that has not expired."""
    row = await queries.find_caller(pool, digest(token))
    if row is None:
        return None
    last_used_at = row["last_used_at"]
    if last_used_at is None or last_used_at < datetime.now(UTC) - timedelta(minutes=1):
        await queries.mark_used(pool, row["token_id"])
    return Caller(
        id=row["user_id"],
        email=row["email"],
        name=row["name"],
        is_staff=row["is_staff"],
        is_superuser=row["is_superuser"],
        date_joined=row["date_joined"],
        token_id=row["token_id"],
        token_kind=row["kind"],
    )


def unauthenticated(error: str | None = None) -> Problem:
    """401 with the challenge that RFC 6750 asks for; the same for every kind of wrong token."""
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem(
        401,
        "unauthenticated",
        "Log in first",
        "Send a valid token as `Authorization: Bearer ...`.",
        headers={"WWW-Authenticate": challenge},
    )


CurrentCaller = Annotated[Caller, Depends(current_caller)]
