"""Logging in by a code that is mailed: no password, and no link to open on another device."""

import secrets
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.encryption import encrypt
from core.env import get_settings
from core.tasks import SendLoginCode, SendMail
from core.tokens import digest, new_token
from service.accounts import queries
from service.accounts.challenges import Challenges
from service.accounts.models import User
from service.accounts.ownership import prove_ownership
from service.http.problems import Problem
from service.queue import enqueue

PURPOSE = "code"
LIFETIME = timedelta(minutes=10)
# RFC 8628, section 6.1: nothing that looks alike, and no vowels that make words. 34 bits.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8


def new_code() -> str:
    """A code such as `WDJB-MJHT`."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def code_mark(token: str, code: str) -> str:
    """What is kept of a code; nobody finds the code by it without the token of the client."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return digest(f"{token}:{letters}")


async def send_code(session: AsyncSession, challenges: Challenges, email: str) -> str:
    """Mail a code, or tell the address that it has no account; commit.

    Answers with the token of the challenge. Nobody's address gets one too, with as much work, and
    no code that fits it was ever mailed.
    """
    user = await queries.user_by_email(session, email)
    # The connection goes back while the challenge is kept.
    await session.commit()
    token, code = new_token(PURPOSE), new_code()
    mark = code_mark(token, code)
    content = {"user_id": user.id if user else 0, "email": email, "mark": mark}
    await challenges.keep(PURPOSE, token, content, LIFETIME)
    encrypted = encrypt(code)
    if user:
        await enqueue(session, SendLoginCode(email=email, code=encrypted))
    else:
        context = {"url": get_settings().origin}
        await enqueue(session, SendMail(template="unknown_account", to=email, context=context))
    await session.commit()
    return token


async def user_of_code(
    session: AsyncSession, challenges: Challenges, token: str, code: str
) -> User:
    """Whose code it is, locked until the commit; raises 401 when it is not right.

    Who reads the mail of the address owns it, so it is verified too.
    """
    content = await challenges.attempt(PURPOSE, token)
    if content is None or not secrets.compare_digest(content["mark"], code_mark(token, code)):
        raise wrong_code()
    if await challenges.take(PURPOSE, token) is None:
        raise wrong_code()
    user = await queries.lock_user(session, content["user_id"])
    if user is None or user.email != content["email"]:
        raise wrong_code()
    await prove_ownership(session, user)
    return user


def wrong_code() -> Problem:
    """The same answer for a wrong code and for one that was used, is too old or never was."""
    return Problem(
        401, "wrong-code", "The code is wrong", "Or it was used, or is too old: ask for a new one."
    )
