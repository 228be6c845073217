"""Forgotten and changed passwords."""

from fastapi import APIRouter

from service.accounts import passwords
from service.accounts.hashing import Hashing
from service.accounts.schemas import MailAddress, Message, PasswordChange, PasswordReset
from service.db import CurrentSession
from service.http.problems import documented
from service.identity.dependencies import NOT_IMPERSONATED, CurrentCaller
from service.limits import CHANGE_PASSWORD, RESET, Limits

router = APIRouter(prefix="/auth/password", tags=["password"])


@router.post(
    "/forgot", status_code=202, summary="Ask for a new password", responses=documented(429)
)
async def forgot_password(body: MailAddress, session: CurrentSession, limits: Limits) -> Message:
    """Mails a link that sets a new password; the answer is the same for an unknown address."""
    await limits.check(RESET, body.email)
    await passwords.send_reset_link(session, body.email)
    return Message(detail="A mail is on its way.")


@router.post("/reset", summary="Set a new password", responses=documented(400, 429))
async def reset_password(
    body: PasswordReset,
    session: CurrentSession,
    hashing: Hashing,
    limits: Limits,
) -> Message:
    """Sets a new password by the mailed link, which works once, and ends all sessions."""
    await limits.check(RESET)
    await passwords.reset_password(session, hashing, token=body.token, password=body.password)
    return Message(detail="The password is changed. Log in with it.")


@router.post(
    "/change",
    summary="Change the password",
    dependencies=[NOT_IMPERSONATED],
    responses=documented(401, 403, 429),
)
async def change_password(
    body: PasswordChange,
    caller: CurrentCaller,
    session: CurrentSession,
    hashing: Hashing,
    limits: Limits,
) -> Message:
    """Sets a new password for somebody who knows the present one, and ends the other sessions."""
    await limits.check(CHANGE_PASSWORD, caller.email)
    await passwords.change_password(
        session,
        hashing,
        user_id=caller.id,
        token_id=caller.token_id,
        current=body.current_password,
        new=body.new_password,
    )
    return Message(detail="The password is changed, and the other sessions are ended.")
