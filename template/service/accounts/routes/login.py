"""Login and logout."""

from fastapi import APIRouter, Request, Response

from service.accounts import queries
from service.accounts.hashing import Hashing
from service.accounts.login import authenticate, start_session
from service.accounts.schemas import Login, NewSession
from service.db import CurrentSession
from service.http.problems import documented
from service.identity.cookie import delete_cookie
from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller
from service.limits import LOGIN, Limits

router = APIRouter(prefix="/auth", tags=["login"])


@router.post("/login", summary="Log in", responses=documented(401, 403, 429))
async def login(
    body: Login,
    request: Request,
    response: Response,
    session: CurrentSession,
    hashing: Hashing,
    limits: Limits,
) -> NewSession:
    """Opens a session of 14 days and answers with its token, which is shown only once.

    With `cookie` the token goes into a cookie instead; that is for pages of our own origin.
    """
    await limits.check(LOGIN, body.email)
    user = await authenticate(session, hashing, body.email, body.password)
    return await start_session(session, request, response, user, cookie=body.cookie)


@router.post("/logout", status_code=204, summary="Log out", responses=UNAUTHENTICATED)
async def logout(response: Response, caller: CurrentCaller, session: CurrentSession) -> None:
    """Ends the session of this request: its token opens nothing any more."""
    await queries.end_session(session, caller.id, caller.token_id)
    await session.commit()
    delete_cookie(response)
