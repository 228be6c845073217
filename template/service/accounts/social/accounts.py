"""Whose account an identity opens.

- An identity that is connected opens the account it is connected to.
- Else there is a new account, with an address that the provider must have verified.
- Nothing is joined because two addresses are equal, so neither a careless provider nor somebody who
  signed up with a stranger's address can open the stranger's account. Whoever has one logs in as
  usual and connects the login.
"""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.passwords import unusable_password
from service.accounts import queries
from service.accounts.models import SocialAccount, User, now
from service.accounts.notices import tell
from service.accounts.ownership import prove_ownership
from service.accounts.social.client import Identity
from service.http.problems import Problem

MOST_UID = 191  # as long as the column


async def user_of(session: AsyncSession, identity: Identity) -> User:
    """The user of an identity, locked; the caller commits. Raises 403 when it opens nothing."""
    account = await find(session, identity)
    if account:
        user = await queries.lock_user(session, account.user_id)
        if user is None:
            raise not_allowed()
        account.last_login, account.extra_data = now(), identity.extra
        return user
    if identity.email is None:
        raise Problem(
            403,
            "provider-email-unverified",
            "The provider has not verified your e-mail address",
            "Verify it there, or log in in another way.",
        )
    user = await new_user(session, identity.email, identity.name)
    await prove_ownership(session, user)
    await connect(session, user, identity)
    return user


async def new_user(session: AsyncSession, email: str, name: str) -> User:
    """A new user with the address; raises 409 when somebody has it, whether proved or not."""
    made = await queries.create_user(session, email=email, password=unusable_password(), name=name)
    user = await queries.lock_user(session, made.user_id) if made else None
    if user is None:
        # The provider has just vouched for the address: its owner may know that it is in use.
        raise Problem(
            409,
            "account-exists",
            "There is an account with this address already",
            "Log in to it in another way, then connect this login in its settings.",
        )
    return user


async def connect(session: AsyncSession, user: User, identity: Identity) -> None:
    """Let the identity open the user's account from now on; raises 409 when it opens another."""
    if len(identity.uid) > MOST_UID:
        raise not_allowed()
    added = await session.scalar(
        insert(SocialAccount)
        .values(
            user_id=user.id,
            provider=identity.provider,
            uid=identity.uid,
            extra_data=identity.extra,
            last_login=func.now(),
            date_joined=func.now(),
        )
        .on_conflict_do_nothing(index_elements=[SocialAccount.provider, SocialAccount.uid])
        .returning(SocialAccount.id)
    )
    if added:
        change = f"a login by {identity.provider} was connected"
        await tell(session, user.id, user.email, AuditAction.CONNECTION_ADDED, change)
        return
    account = await find(session, identity)
    if account is None or account.user_id != user.id:
        raise Problem(
            409, "connected-elsewhere", "This login is connected to another account already"
        )


async def find(session: AsyncSession, identity: Identity) -> SocialAccount | None:
    """The account that the identity is connected to."""
    return await session.scalar(
        select(SocialAccount).where(
            SocialAccount.provider == identity.provider, SocialAccount.uid == identity.uid
        )
    )


async def accounts_of(session: AsyncSession, user_id: int) -> Sequence[SocialAccount]:
    """The user's connected logins, the oldest first."""
    found = await session.scalars(
        select(SocialAccount).where(SocialAccount.user_id == user_id).order_by(SocialAccount.id)
    )
    return found.all()


async def disconnect(session: AsyncSession, user_id: int, account_id: int) -> str | None:
    """Forget one connected login of the user; its provider, or None when there is none."""
    return await session.scalar(
        delete(SocialAccount)
        .where(SocialAccount.user_id == user_id, SocialAccount.id == account_id)
        .returning(SocialAccount.provider)
    )


def not_allowed() -> Problem:
    """Somebody is locked out, or the provider names people in a way that we cannot keep."""
    return Problem(403, "login-refused", "This login opens no account")
