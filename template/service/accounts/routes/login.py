"""Login and logout."""

from fastapi import APIRouter, Response

from service.accounts import queries
from service.accounts.hashing import Hashing
from service.accounts.impersonation import note_end
from service.accounts.login import authenticate
from service.accounts.schemas import NewSession, PasswordLogin
from service.accounts.signing_in import CurrentLogin
from service.db import CurrentSession
from service.http.problems import documented
from service.identity.cookie import delete_cookie
from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller
from service.limits import LOGIN, Limits

router = APIRouter(prefix="/auth", tags=["login"])


@router.post("/login", summary="Log in", responses=documented(401, 403, 429, 503))
async def login(
    body: PasswordLogin, login: CurrentLogin, hashing: Hashing, limits: Limits
) -> NewSession:
    """Opens a session of 14 days and answers with its token, which is shown only once.

    With `cookie` the token goes into a cookie instead; that is for pages of our own origin.
    When the person has a second factor, the answer is 401 `second-factor-required` with a
    `challenge` and the `kinds` of proof: send them to `/auth/second-factor`.
    """
    await limits.check(LOGIN, body.email)
    user = await authenticate(login.session, hashing, body.email, body.password)
    return await login.complete(user, cookie=body.cookie)


@router.post("/logout", status_code=204, summary="Log out", responses=UNAUTHENTICATED)
async def logout(response: Response, caller: CurrentCaller, session: CurrentSession) -> None:
    """Ends the session of this request: its token opens nothing any more."""
    await queries.end_session(session, caller.id, caller.token_id)
    await note_end(session, caller)
    await session.commit()
    delete_cookie(response)
