"""Login by a mailed code."""

from fastapi import APIRouter

from service.accounts.challenges import CurrentChallenges
from service.accounts.codes import send_code, user_of_code
from service.accounts.schemas import CodeLogin, CodeSent, MailAddress, NewSession
from service.accounts.signing_in import CurrentLogin
from service.db import CurrentSession
from service.http.problems import documented
from service.limits import CODE, CODE_LOGIN, Limits

router = APIRouter(prefix="/auth/code", tags=["login"])


@router.post("", status_code=202, summary="Ask for a login code", responses=documented(429, 503))
async def ask_for_code(
    body: MailAddress, session: CurrentSession, challenges: CurrentChallenges, limits: Limits
) -> CodeSent:
    """Mails a code that is good for ten minutes; the answer is the same for an unknown address.

    Keep the `challenge`: the code works only together with it, so only where it was asked for.
    """
    await limits.check(CODE, body.email)
    return CodeSent(
        challenge=await send_code(session, challenges, body.email),
        detail="A mail is on its way.",
    )


@router.post("/login", summary="Log in by a code", responses=documented(401, 403, 429, 503))
async def log_in_by_code(body: CodeLogin, login: CurrentLogin, limits: Limits) -> NewSession:
    """Opens a session for the code of the mail, once. After five wrong ones ask for a new code.

    A second factor is asked for as after a password.
    """
    await limits.check(CODE_LOGIN)
    user = await user_of_code(login.session, login.challenges, body.challenge, body.code)
    return await login.complete(user, cookie=body.cookie)
