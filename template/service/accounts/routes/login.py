"""Login and logout."""

from fastapi import APIRouter, Request

from service.accounts import queries
from service.accounts.hashing import Hashing
from service.accounts.login import authenticate, open_session
from service.accounts.schemas import Login, Me, NewSession
from service.db import CurrentSession
from service.http.problems import documented
from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller
from service.limits import LOGIN, Limits

router = APIRouter(prefix="/auth", tags=["login"])


@router.post("/login", summary="Log in", responses=documented(401, 403, 429))
async def login(
    body: Login, request: Request, session: CurrentSession, hashing: Hashing, limits: Limits
) -> NewSession:
    """Opens a session of 14 days and answers with its token, which is shown only once."""
    await limits.check(LOGIN, body.email)
    user = await authenticate(session, hashing, body.email, body.password)
    opened = await open_session(session, request, user)
    await session.commit()
    return NewSession(
        token=opened.token, expires_at=opened.expires_at, user=Me.model_validate(user)
    )


@router.post("/logout", status_code=204, summary="Log out", responses=UNAUTHENTICATED)
async def logout(caller: CurrentCaller, session: CurrentSession) -> None:
    """Ends the session of this request: its token opens nothing any more."""
    await queries.end_session(session, caller.id, caller.token_id)
    await session.commit()
