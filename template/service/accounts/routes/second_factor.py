"""The second factor of a login, and its set-up."""

from datetime import timedelta

from fastapi import APIRouter

from core.encryption import decrypt, encrypt
from service.accounts.challenges import CurrentChallenges
from service.accounts.factors import changes, queries, totp
from service.accounts.factors.proof import prove
from service.accounts.factors.schemas import (
    Factors,
    SecondFactor,
    ShownRecoveryCodes,
    TotpConfirmation,
    TotpSetup,
)
from service.accounts.recent import NOT_RECENT, RecentCaller
from service.accounts.schemas import NewSession
from service.accounts.signing_in import CurrentLogin, no_such_challenge
from service.db import CurrentSession
from service.http.problems import documented
from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller
from service.limits import FACTORS, SECOND_FACTOR, Limits

router = APIRouter()

SETUP = "totp"
SETUP_LIFETIME = timedelta(minutes=15)


@router.post(
    "/auth/second-factor",
    tags=["login"],
    summary="Log in by the second factor",
    responses=documented(401, 403, 429, 503),
)
async def log_in_by_second_factor(
    body: SecondFactor, login: CurrentLogin, limits: Limits
) -> NewSession:
    """Opens the session that waits for the second factor, once.

    A login that answered 401 `second-factor-required` named the `challenge` and the `kinds` of
    proof; with `credential`, a passkey signs that challenge: `public_key` is what it needs. After
    five wrong proofs log in again from the start.
    """
    await limits.check(SECOND_FACTOR)
    user = await login.waiting_user(body.challenge)
    await prove(login.session, limits, user.id, body, body.challenge)
    await login.end_waiting(body.challenge)
    return await login.open(user, cookie=body.cookie)


@router.get(
    "/me/second-factor",
    tags=["second factor"],
    summary="Which second factors have I?",
    responses=UNAUTHENTICATED,
)
async def read_second_factors(caller: CurrentCaller, session: CurrentSession) -> Factors:
    """With an app or a passkey every login but that by passkey asks for a second factor."""
    return changes.summary(await queries.factors_of(session, caller.id))


@router.post(
    "/me/second-factor/totp/setup",
    tags=["second factor"],
    summary="Start to set up an authenticator app",
    responses=NOT_RECENT,
)
async def start_totp(caller: RecentCaller, challenges: CurrentChallenges) -> TotpSetup:
    """Answers with a secret for the app; nothing is turned on until its first code is sent."""
    secret = totp.new_secret()
    content = {"user_id": caller.id, "secret": encrypt(secret)}
    token = await challenges.make(SETUP, content, SETUP_LIFETIME)
    return TotpSetup(challenge=token, secret=secret, uri=totp.setup_uri(secret, caller.email))


@router.post(
    "/me/second-factor/totp",
    status_code=201,
    tags=["second factor"],
    summary="Turn on the authenticator app",
    responses=NOT_RECENT | documented(409, 429),
)
async def add_totp(
    body: TotpConfirmation,
    caller: RecentCaller,
    session: CurrentSession,
    challenges: CurrentChallenges,
    limits: Limits,
) -> ShownRecoveryCodes:
    """Turns on the app by its first code, and answers with recovery codes if there are none yet."""
    await limits.check(FACTORS, caller.email)
    content = await challenges.attempt(SETUP, body.challenge)
    if content is None or content["user_id"] != caller.id:
        raise no_such_challenge()
    codes = await changes.add_totp(session, caller, decrypt(content["secret"]), body.code)
    await challenges.take(SETUP, body.challenge)
    return ShownRecoveryCodes(recovery_codes=codes)


@router.delete(
    "/me/second-factor/totp",
    status_code=204,
    tags=["second factor"],
    summary="Turn off the authenticator app",
    responses=NOT_RECENT | documented(404),
)
async def remove_totp(caller: RecentCaller, session: CurrentSession) -> None:
    """Forgets the app; with the last factor the recovery codes go, too."""
    await changes.remove_totp(session, caller)


@router.post(
    "/me/second-factor/recovery-codes",
    status_code=201,
    tags=["second factor"],
    summary="Make new recovery codes",
    responses=NOT_RECENT | documented(409),
)
async def renew_recovery_codes(caller: RecentCaller, session: CurrentSession) -> ShownRecoveryCodes:
    """Answers with ten new codes; the old ones are void."""
    return ShownRecoveryCodes(recovery_codes=await changes.new_recovery_codes(session, caller))
