"""Checking who somebody is, and opening a session; the API and the admin do it the same way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from core.api.schemas import Me
from core.passwords import needs_rehash
from core.tokens import digest, new_token
from service.accounts import queries
from service.accounts.hashing import PasswordHashing
from service.accounts.models import User, now
from service.accounts.schemas import NewSession
from service.http.client import client_ip
from service.http.problems import Problem
from service.identity.cookie import check_same_origin, set_cookie

LIFETIME = timedelta(days=14)


@dataclass(frozen=True)
class OpenedSession:
    """A login; the token is known only now."""

    token: str
    expires_at: datetime


async def authenticate(
    session: AsyncSession, hashing: PasswordHashing, email: str, password: str
) -> User:
    """The active user with this password and a verified address.

    Raises the same 401 for an unknown address, as late, as for a wrong password. That an address is
    not verified learns only who knows the password.
    """
    user = await queries.user_by_email(session, email)
    stored = user.password if user else None
    # The connection goes back while the password waits for its turn.
    await session.commit()
    right = await hashing.verify(password, stored)
    # Locked until the caller commits: who changes the password meanwhile ends this session too.
    user = await queries.lock_user(session, user.id) if user and right else None
    if user is None or user.password != stored:
        raise Problem(401, "wrong-credentials", "The e-mail address or the password is wrong")
    if not await queries.is_verified(session, user):
        raise email_not_verified()
    if needs_rehash(stored):
        await queries.replace_hash(session, user.id, stored, await hashing.hash(password))
    return user


def email_not_verified() -> Problem:
    """Told only to who proved to be the one who signed up."""
    return Problem(
        403,
        "email-not-verified",
        "The e-mail address is not verified",
        "Open the link that was mailed to it, or ask for a new one.",
    )


async def open_session(
    session: AsyncSession, request: Request, user: User, lifetime: timedelta = LIFETIME
) -> OpenedSession:
    """Store a session for this device; the caller commits."""
    opened = OpenedSession(token=new_token("session"), expires_at=now() + lifetime)
    await queries.note_login(session, user.id)
    await queries.add_session(
        session,
        user.id,
        digest=digest(opened.token),
        user_agent=request.headers.get("user-agent", "")[:300],
        ip_address=client_ip(request.scope),
        expires_at=opened.expires_at,
    )
    return opened


async def start_session(
    session: AsyncSession, request: Request, response: Response, user: User, *, cookie: bool
) -> NewSession:
    """Open a session, commit, and hand its token over: in the answer, or in a cookie.

    A cookie is set for our own pages only, so that no other site can log a browser in as somebody.
    """
    if cookie:
        check_same_origin(request)
        opened = await start_cookie_session(session, request, response, user)
    else:
        opened = await open_session(session, request, user)
        await session.commit()
    return NewSession(
        token=None if cookie else opened.token,
        expires_at=opened.expires_at,
        user=Me.model_validate(user),
    )


async def start_cookie_session(
    session: AsyncSession, request: Request, response: Response, user: User
) -> OpenedSession:
    """Open a session in a browser that is known to ask for it itself, and commit."""
    opened = await open_session(session, request, user)
    await session.commit()
    set_cookie(response, opened.token, opened.expires_at)
    return opened
