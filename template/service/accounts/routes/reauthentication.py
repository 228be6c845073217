"""Proving again who one is, before what a stolen session must not do."""

from datetime import timedelta

from fastapi import APIRouter

from service.accounts.challenges import CurrentChallenges
from service.accounts.factors import passkeys, queries
from service.accounts.factors.proof import prove
from service.accounts.factors.schemas import PasskeyOptions, Reauthentication
from service.accounts.hashing import Hashing
from service.accounts.queries import user_by_id
from service.accounts.recent import note_proof
from service.accounts.signing_in import no_such_challenge
from service.db import CurrentSession
from service.http.problems import Problem, documented
from service.identity.dependencies import NOT_IMPERSONATED, UNAUTHENTICATED, CurrentCaller
from service.limits import REAUTHENTICATE, Limits

router = APIRouter(
    prefix="/auth/reauthenticate",
    tags=["login"],
    dependencies=[NOT_IMPERSONATED],
    responses=UNAUTHENTICATED | documented(429, 503),
)

PURPOSE = "reauthenticate"
LIFETIME = timedelta(minutes=5)


@router.post("", status_code=204, summary="Prove again who I am")
async def reauthenticate(
    body: Reauthentication,
    caller: CurrentCaller,
    session: CurrentSession,
    challenges: CurrentChallenges,
    hashing: Hashing,
    limits: Limits,
) -> None:
    """Takes the password, a code or a passkey; for ten minutes the session may then do more.

    Whoever has none of these logs in again: a session is as good in its first ten minutes.
    """
    await limits.check(REAUTHENTICATE, caller.email)
    if body.password is not None:
        user = await user_by_id(session, caller.id)
        # The connection goes back while the password waits for its turn.
        await session.commit()
        if not await hashing.verify(body.password, user.password if user else None):
            raise Problem(401, "wrong-credentials", "The password is wrong")
    else:
        token = ""
        if body.credential is not None:
            token = await challenge_of(challenges, caller.id, body.credential)
        await prove(session, limits, caller.id, body, token)
        await session.commit()
    await note_proof(challenges, caller)


@router.post("/options", summary="Start to prove it by a passkey")
async def start_reauthentication(
    caller: CurrentCaller, session: CurrentSession, challenges: CurrentChallenges
) -> PasskeyOptions:
    """Answers with what the browser needs to use one of the caller's passkeys."""
    known = await queries.passkeys_of(session, caller.id)
    await session.commit()
    token = await challenges.make(PURPOSE, {"user_id": caller.id}, LIFETIME)
    return PasskeyOptions(public_key=passkeys.login_options(token, known=known))


async def challenge_of(
    challenges: CurrentChallenges, user_id: int, credential: passkeys.Json
) -> str:
    """The challenge that the passkey signed, used up now."""
    try:
        token = passkeys.challenge_of(credential)
    except passkeys.WrongPasskey:
        raise no_such_challenge() from None
    content = await challenges.take(PURPOSE, token)
    if content is None or content["user_id"] != user_id:
        raise no_such_challenge()
    return token
