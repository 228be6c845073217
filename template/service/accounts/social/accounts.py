"""Whose account an identity opens.

- An identity that is connected opens the account it is connected to.
- Else the provider must have verified the address. An account whose owner proved the same address
  is connected; one whose address nobody proved is handed over, and whatever was set before is void
  (`service.accounts.ownership`): so nobody gains by signing up with a stranger's address first.
- Else there is a new account.
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
    user = await owner_of(session, identity.email, identity.name)
    await prove_ownership(session, user)
    await connect(session, user, identity)
    return user


async def owner_of(session: AsyncSession, email: str, name: str) -> User:
    """Whoever has the address, or a new user with it; locked."""
    user_id = await session.scalar(select(User.id).where(User.email == email))
    if user_id is None:
        made = await queries.create_user(
            session, email=email, password=unusable_password(), name=name
        )
        # None: somebody else has it as a second address, or has just signed up with it.
        user_id = made.user_id if made else 0
    user = await queries.lock_user(session, user_id)
    if user is None:
        raise not_allowed()
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
    """The same answer for somebody locked out and for an address that is kept for somebody."""
    return Problem(403, "login-refused", "This login opens no account")
