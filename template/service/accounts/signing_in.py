"""The end of every login but that by passkey: ask for the second factor, or open the session."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.challenges import Challenges, CurrentChallenges
from service.accounts.factors import passkeys, queries, recovery, totp
from service.accounts.links import password_mark
from service.accounts.login import start_session
from service.accounts.models import Authenticator, User
from service.accounts.queries import lock_user
from service.accounts.schemas import NewSession
from service.db import CurrentSession
from service.http.problems import Problem

PURPOSE = "second-factor"
LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class Login:
    """The request that logs somebody in."""

    request: Request
    response: Response
    session: AsyncSession
    challenges: Challenges

    async def complete(self, user: User, *, cookie: bool) -> NewSession:
        """Open the session of a user who proved one factor, and commit.

        Raises 401 with a challenge when the user has a second one.
        """
        await self.ask_second_factor(user)
        return await self.open(user, cookie=cookie)

    async def needs_second_factor(self, user: User) -> bool:
        """Whether one proof is not enough for this user."""
        factors = await queries.factors_of(self.session, user.id)
        return any(factor.type in queries.SECOND_FACTORS for factor in factors)

    async def ask_second_factor(self, user: User) -> None:
        """Raise 401 with a challenge when the user has a second factor; commits before it."""
        factors = await queries.factors_of(self.session, user.id)
        if any(factor.type in queries.SECOND_FACTORS for factor in factors):
            await self.session.commit()
            raise await self._second_factor_required(user, factors)

    async def open(self, user: User, *, cookie: bool) -> NewSession:
        """Open the session of a user who proved all that is needed, and commit."""
        return await start_session(self.session, self.request, self.response, user, cookie=cookie)

    async def waiting_user(self, token: str) -> User:
        """Who waits for the second factor, locked until the commit; counts one try."""
        content = await self.challenges.attempt(PURPOSE, token)
        if content is None:
            raise no_such_challenge()
        user = await lock_user(self.session, content["user_id"])
        # Who changed the password meanwhile ended this login too.
        if user is None or password_mark(user.password) != content["password"]:
            raise no_such_challenge()
        return user

    async def end_waiting(self, token: str) -> None:
        """The challenge is used up now."""
        if await self.challenges.take(PURPOSE, token) is None:
            raise no_such_challenge()

    async def _second_factor_required(self, user: User, factors: list[Authenticator]) -> Problem:
        content = {"user_id": user.id, "password": password_mark(user.password)}
        token = await self.challenges.make(PURPOSE, content, LIFETIME)
        keys = [factor for factor in factors if factor.type == passkeys.TYPE]
        extra: dict[str, Any] = {"challenge": token, "kinds": kinds(factors)}
        if keys:
            extra["public_key"] = passkeys.login_options(token, known=keys)
        return Problem(
            401,
            "second-factor-required",
            "The second factor is missing",
            "Send the challenge back to /auth/second-factor together with one of these kinds.",
            extra=extra,
        )


def kinds(factors: list[Authenticator]) -> list[str]:
    """What the user can prove the second factor with, by the names of the request's fields."""
    names = {totp.TYPE: "code", passkeys.TYPE: "credential", recovery.TYPE: "recovery_code"}
    return sorted({names[factor.type] for factor in factors})


def no_such_challenge() -> Problem:
    """The same answer for a challenge that was used, is too old or was tried too often."""
    return Problem(401, "bad-challenge", "This login has ended", "Log in again from the start.")


async def get_login(
    request: Request, response: Response, session: CurrentSession, challenges: CurrentChallenges
) -> Login:
    """The login of the current request."""
    return Login(request, response, session, challenges)


CurrentLogin = Annotated[Login, Depends(get_login, scope="function")]
