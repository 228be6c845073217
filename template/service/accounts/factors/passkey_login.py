"""Login and sign-up with a passkey alone."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.env import get_settings
from core.passwords import unusable_password
from core.tasks import SendMail, SendVerificationMail
from service.accounts.challenges import Challenges
from service.accounts.factors import passkeys, queries, recovery
from service.accounts.links import RESET_PASSWORD
from service.accounts.login import email_not_verified
from service.accounts.models import User
from service.accounts.queries import create_user, is_verified, lock_user
from service.http.problems import Problem
from service.queue import enqueue

LOGIN, SIGN_UP, ADD = "passkey-login", "passkey-sign-up", "passkey-add"
LIFETIME = timedelta(minutes=10)


async def user_of_passkey(
    session: AsyncSession, challenges: Challenges, credential: passkeys.Json
) -> User:
    """Whose passkey it is, locked until the commit; raises 401, or 403 for a new address."""
    try:
        token, _ = await take(challenges, LOGIN, credential)
        user = await lock_user(session, passkeys.user_id_of(credential))
        found = passkeys.credential_id(credential)
        if user is None:
            raise passkeys.WrongPasskey("unknown user")
        factor = await queries.lock_passkey(session, user.id, credential_id=found)
        if factor is None:
            raise passkeys.WrongPasskey("unknown passkey")
        passkeys.use(factor, credential, token, verified_user=True)
    except passkeys.WrongPasskey:
        raise Problem(401, "wrong-passkey", "This passkey opens nothing") from None
    if not await is_verified(session, user):
        raise email_not_verified()
    return user


async def start_sign_up(
    session: AsyncSession, challenges: Challenges, email: str, name: str
) -> passkeys.Json:
    """What the browser needs to make a passkey for somebody who may get an account."""
    user_id = await queries.next_user_id(session)
    await session.commit()
    content = {"user_id": user_id, "email": email, "name": name}
    token = await challenges.make(SIGN_UP, content, LIFETIME)
    return passkeys.registration_options(token, user_id=user_id, email=email, name=name, known=[])


async def sign_up(
    session: AsyncSession, challenges: Challenges, credential: passkeys.Json, name: str
) -> list[str]:
    """Make an account whose address is still to be verified, and commit; its recovery codes.

    For a taken address the codes are made too, and stored nowhere: both answers look the same.
    """
    try:
        token, content = await take(challenges, SIGN_UP, credential)
        data = passkeys.check_new(credential, token, name)
    except passkeys.WrongPasskey:
        raise wrong_new_passkey() from None
    codes = recovery.new_data()
    address = await create_user(
        session,
        user_id=content["user_id"],
        email=content["email"],
        password=unusable_password(),
        name=content["name"],
    )
    if address:
        await queries.add_factor(session, address.user_id, passkeys.TYPE, data)
        await queries.add_factor(session, address.user_id, recovery.TYPE, codes)
        await enqueue(session, SendVerificationMail(email_address_id=address.id))
    else:
        context = {"url": f"{get_settings().origin}{RESET_PASSWORD.page}"}
        mail = SendMail(template="account_exists", to=content["email"], context=context)
        await enqueue(session, mail)
    await session.commit()
    return recovery.codes_of(codes)


async def check_added(
    challenges: Challenges, user_id: int, credential: passkeys.Json, name: str
) -> passkeys.Json:
    """What is stored of a passkey that the user has just made. Raises 422."""
    try:
        token, content = await take(challenges, ADD, credential)
        if content["user_id"] != user_id:
            raise passkeys.WrongPasskey("somebody else's challenge")
        return passkeys.check_new(credential, token, name)
    except passkeys.WrongPasskey:
        raise wrong_new_passkey() from None


async def take(
    challenges: Challenges, purpose: str, credential: passkeys.Json
) -> tuple[str, dict[str, Any]]:
    """The challenge that the browser was given, used up now, and what was kept with it."""
    token = passkeys.challenge_of(credential)
    content = await challenges.take(purpose, token)
    if content is None:
        raise passkeys.WrongPasskey("no such challenge")
    return token, content


def wrong_new_passkey() -> Problem:
    """The same answer for a forged passkey and for one that came too late."""
    return Problem(422, "wrong-passkey", "The passkey cannot be used", "Start again.")
