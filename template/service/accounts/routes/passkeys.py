"""Passkeys: login, sign-up, and those of the caller."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.accounts.challenges import CurrentChallenges
from service.accounts.factors import changes, passkey_login, passkeys, queries
from service.accounts.factors.schemas import (
    AddedPasskey,
    NewPasskey,
    Passkey,
    PasskeyLogin,
    PasskeyOptions,
    PasskeyRename,
    PasskeySignUp,
    SignedUp,
)
from service.accounts.recent import NOT_RECENT, RecentCaller
from service.accounts.schemas import NewSession
from service.accounts.signing_in import CurrentLogin
from service.db import CurrentSession
from service.http.problems import documented
from service.identity.dependencies import NOT_IMPERSONATED, UNAUTHENTICATED, CurrentCaller
from service.limits import FACTORS, PASSKEY, REGISTER, Limits

router = APIRouter()

# As large as the column.
PasskeyId = Annotated[int, Path(ge=1, lt=2**63)]


@router.post(
    "/auth/passkey/options",
    tags=["login"],
    summary="Start to log in by a passkey",
    responses=documented(429, 503),
)
async def start_passkey_login(challenges: CurrentChallenges, limits: Limits) -> PasskeyOptions:
    """Answers with what the browser needs to let somebody choose one of their passkeys."""
    await limits.check(PASSKEY)
    token = await challenges.make(passkey_login.LOGIN, {}, passkey_login.LIFETIME)
    return PasskeyOptions(public_key=passkeys.login_options(token))


@router.post(
    "/auth/passkey/login",
    tags=["login"],
    summary="Log in by a passkey",
    responses=documented(401, 403, 429, 503),
)
async def log_in_by_passkey(body: PasskeyLogin, login: CurrentLogin, limits: Limits) -> NewSession:
    """Opens a session for whoever the passkey belongs to.

    It asked for a fingerprint, a face or a PIN, so it is two factors in one.
    """
    await limits.check(PASSKEY)
    user = await passkey_login.user_of_passkey(login.session, login.challenges, body.credential)
    return await login.open(user, cookie=body.cookie)


@router.post(
    "/auth/passkey/register/options",
    tags=["sign-up"],
    summary="Start to sign up with a passkey",
    responses=documented(429, 503),
)
async def start_passkey_sign_up(
    body: PasskeySignUp, session: CurrentSession, challenges: CurrentChallenges, limits: Limits
) -> PasskeyOptions:
    """Answers with what the browser needs to make a passkey; nothing is stored yet."""
    await limits.check(REGISTER, body.email)
    return PasskeyOptions(
        public_key=await passkey_login.start_sign_up(session, challenges, body.email, body.name)
    )


@router.post(
    "/auth/passkey/register",
    status_code=202,
    tags=["sign-up"],
    summary="Sign up with a passkey",
    responses=documented(429, 503),
)
async def sign_up_with_passkey(
    body: NewPasskey, session: CurrentSession, challenges: CurrentChallenges, limits: Limits
) -> SignedUp:
    """Makes an account without a password and mails a link that verifies the address.

    The passkey opens nothing before. When the address has an account already, nothing is changed
    and its owner gets a mail that says so; the answer is the same.
    """
    await limits.check(PASSKEY)
    codes = await passkey_login.sign_up(session, challenges, body.credential, body.name)
    return SignedUp(recovery_codes=codes, detail="Open the link in the mail that we sent to you.")


@router.get("/me/passkeys", tags=["passkeys"], summary="My passkeys", responses=UNAUTHENTICATED)
async def list_passkeys(caller: CurrentCaller, session: CurrentSession) -> list[Passkey]:
    """The caller's passkeys and security keys, the oldest first."""
    found = await queries.passkeys_of(session, caller.id)
    return [changes.as_passkey(factor) for factor in found]


@router.post(
    "/me/passkeys/options",
    tags=["passkeys"],
    summary="Start to add a passkey",
    responses=NOT_RECENT,
)
async def start_passkey(
    caller: RecentCaller, session: CurrentSession, challenges: CurrentChallenges
) -> PasskeyOptions:
    """Answers with what the browser needs to make a passkey that the caller does not have yet."""
    known = await queries.passkeys_of(session, caller.id)
    await session.commit()
    token = await challenges.make(passkey_login.ADD, {"user_id": caller.id}, passkey_login.LIFETIME)
    return PasskeyOptions(
        public_key=passkeys.registration_options(
            token, user_id=caller.id, email=caller.email, name=caller.name, known=known
        )
    )


@router.post(
    "/me/passkeys",
    status_code=201,
    tags=["passkeys"],
    summary="Add a passkey",
    responses=NOT_RECENT | documented(409, 429),
)
async def add_passkey(
    body: NewPasskey,
    caller: RecentCaller,
    session: CurrentSession,
    challenges: CurrentChallenges,
    limits: Limits,
) -> AddedPasskey:
    """Stores the passkey, and answers with recovery codes if there are none yet."""
    await limits.check(FACTORS, caller.email)
    data = await passkey_login.check_added(challenges, caller.id, body.credential, body.name)
    factor, codes = await changes.add_passkey(session, caller, data)
    return AddedPasskey(passkey=changes.as_passkey(factor), recovery_codes=codes)


@router.patch(
    "/me/passkeys/{passkey_id}",
    dependencies=[NOT_IMPERSONATED],
    tags=["passkeys"],
    summary="Rename a passkey",
    responses=UNAUTHENTICATED | documented(404),
)
async def rename_passkey(
    passkey_id: PasskeyId, body: PasskeyRename, caller: CurrentCaller, session: CurrentSession
) -> Passkey:
    """Gives one of the caller's passkeys another name."""
    return changes.as_passkey(await changes.rename_passkey(session, caller, passkey_id, body.name))


@router.delete(
    "/me/passkeys/{passkey_id}",
    status_code=204,
    tags=["passkeys"],
    summary="Remove a passkey",
    responses=NOT_RECENT | documented(404),
)
async def remove_passkey(
    passkey_id: PasskeyId, caller: RecentCaller, session: CurrentSession
) -> None:
    """Forgets one of the caller's passkeys; with the last factor the recovery codes go, too."""
    await changes.remove_passkey(session, caller, passkey_id)
