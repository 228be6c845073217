"""Login to the admin: the accounts' own passwords, limits and sessions, for staff only."""

from datetime import timedelta

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.auth import AdminUser, AuthProvider
from starlette_admin.exceptions import LoginFailed

from core.env import get_settings
from service.accounts import queries
from service.accounts.factors.proof import prove_if_needed
from service.accounts.login import authenticate, open_session
from service.db import sessions
from service.http.client import client_ip
from service.http.problems import Problem
from service.identity.dependencies import Caller, caller_by_token
from service.limits import LOGIN, ClientLimits

COOKIE = "admin_session"
LIFETIME = timedelta(hours=12)
CODE_MISSING = "Type the code of your authenticator app, or a recovery code, too."
FAILED = "The e-mail address or the password is wrong, or this account may not use the admin."


class StaffLogin(AuthProvider):
    """A session of the accounts, in a cookie that scripts cannot read.

    It is listed among the user's sessions and ends with them.
    """

    def __init__(self, app: FastAPI) -> None:
        super().__init__()
        # The admin is an application of its own; what the lifespan opened hangs at the main one.
        self.state = app.state

    async def authenticate(self, request: Request) -> AdminUser | None:
        """The member of staff behind the cookie, asked anew for each request."""
        caller = await self.caller(request)
        if caller is None or not caller.is_staff:
            return None
        request.state.caller = caller
        return AdminUser(username=caller.name or caller.email)

    async def login(
        self, username: str, password: str, remember_me: bool, request: Request
    ) -> Response | None:
        """Open a session for a member of staff. Others are told no more than a stranger."""
        email = username.strip().lower()[:254]
        try:
            await self.state.limiter.check(LOGIN, client_ip(request.scope), email)
            async with sessions() as session:
                user = await authenticate(session, self.state.hashing, email, password[:200])
                if not user.is_staff:
                    raise LoginFailed(FAILED)
                code = str((await request.form()).get("code", ""))[:40]
                limits = ClientLimits(self.state.limiter, client_ip(request.scope))
                if not await prove_if_needed(session, limits, user.id, code):
                    raise LoginFailed(CODE_MISSING)
                opened = await open_session(session, request, user, LIFETIME)
                await session.commit()
        except Problem as problem:
            limited = problem.status in (429, 503)
            raise LoginFailed(problem.detail or problem.title if limited else FAILED) from None
        response = RedirectResponse(request.url_for("admin:index"), 303)
        response.set_cookie(
            COOKIE,
            opened.token,
            max_age=int(LIFETIME.total_seconds()),
            path="/admin",
            secure=get_settings().origin.startswith("https://"),
            httponly=True,
            samesite="lax",
        )
        return response

    async def logout(self, request: Request) -> Response | None:
        """End the session, not only the cookie."""
        caller = await self.caller(request)
        if caller is not None:
            async with sessions() as session:
                await queries.end_session(session, caller.id, caller.token_id)
                await session.commit()
        response = RedirectResponse(request.url_for("admin:login"), 303)
        response.delete_cookie(COOKIE, path="/admin")
        return response

    async def caller(self, request: Request) -> Caller | None:
        """Whoever the cookie belongs to."""
        token = request.cookies.get(COOKIE)
        return await caller_by_token(self.state.pool, token) if token else None
