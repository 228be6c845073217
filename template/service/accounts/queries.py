"""Every question the accounts ask the database. What belongs to a user is filtered by that user."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.models import SESSION, AccessToken, EmailAddress, SocialAccount, User, now


async def create_user(
    session: AsyncSession, *, email: str, password: str, name: str, user_id: int | None = None
) -> EmailAddress | None:
    """A user whose address is still to be verified; None when the address is taken."""
    taken = exists().where(EmailAddress.email == email, EmailAddress.verified)
    if await session.scalar(select(taken)):
        return None
    values: dict[str, object] = {"email": email, "password": password, "name": name}
    if user_id is not None:
        values["id"] = user_id
    created_id = await session.scalar(
        insert(User)
        .values(values)
        # Two requests may come at once: the database decides.
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User.id)
    )
    if created_id is None:
        return None
    address = EmailAddress(user_id=created_id, email=email, primary=True)
    session.add(address)
    await session.flush()
    return address


async def user_by_id(session: AsyncSession, user_id: int) -> User | None:
    """An active user."""
    return await session.scalar(select(User).where(User.id == user_id, User.is_active))


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """An active user by the address that is the login."""
    return await session.scalar(select(User).where(User.email == email, User.is_active))


async def lock_user(session: AsyncSession, user_id: int) -> User | None:
    """An active user, locked until the commit: a second request sees what the first did."""
    return await session.scalar(
        select(User)
        .where(User.id == user_id, User.is_active)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def lock_account(session: AsyncSession, user_id: int) -> User | None:
    """A user, locked until the commit, also one who may not log in any more."""
    return await session.scalar(
        select(User)
        .where(User.id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def is_verified(session: AsyncSession, user: User) -> bool:
    """Whether the address that is the login is verified."""
    verified = exists().where(
        EmailAddress.user_id == user.id, EmailAddress.email == user.email, EmailAddress.verified
    )
    return bool(await session.scalar(select(verified)))


async def unverified_address(session: AsyncSession, email: str) -> EmailAddress | None:
    """The login address of an active user, if it is not verified yet."""
    return await session.scalar(
        select(EmailAddress)
        .join(User)
        .where(User.email == email, User.is_active)
        .where(EmailAddress.email == User.email, ~EmailAddress.verified)
    )


async def verify_address(session: AsyncSession, user_id: int, email: str) -> bool:
    """Mark the address as verified; whether it was not so before."""
    changed = await session.scalar(
        update(EmailAddress)
        .where(EmailAddress.user_id == user_id, EmailAddress.email == email)
        .where(~EmailAddress.verified)
        .values(verified=True)
        .returning(EmailAddress.id)
    )
    return changed is not None


async def user_of_address(session: AsyncSession, address_id: int, email: str) -> User | None:
    """The active user of an address that is still the same."""
    return await session.scalar(
        select(User)
        .join(EmailAddress)
        .where(EmailAddress.id == address_id, EmailAddress.email == email, User.is_active)
    )


async def sessions_of(session: AsyncSession, user_id: int) -> Sequence[AccessToken]:
    """The user's logins that are still good, the newest first."""
    found = await session.scalars(
        select(AccessToken)
        .where(AccessToken.user_id == user_id, AccessToken.kind == SESSION)
        .where(AccessToken.expires_at > func.now())
        .order_by(AccessToken.created_at.desc(), AccessToken.id.desc())
    )
    return found.all()


async def session_opened_at(session: AsyncSession, user_id: int, token_id: int) -> datetime | None:
    """When the user logged in."""
    return await session.scalar(
        select(AccessToken.created_at).where(
            AccessToken.user_id == user_id, AccessToken.id == token_id
        )
    )


async def end_session(session: AsyncSession, user_id: int, token_id: int) -> bool:
    """Delete one token of the user; whether there was one."""
    result = await session.execute(
        delete(AccessToken).where(AccessToken.user_id == user_id, AccessToken.id == token_id)
    )
    return rows(result) == 1


async def end_sessions(session: AsyncSession, user_id: int, *, keep: int | None = None) -> int:
    """Delete every token of the user, but for the one to keep; how many there were."""
    statement = delete(AccessToken).where(AccessToken.user_id == user_id)
    if keep is not None:
        statement = statement.where(AccessToken.id != keep)
    return rows(await session.execute(statement))


async def delete_social_accounts(session: AsyncSession, user_id: int) -> int:
    """Forget every account of the user at a provider; how many there were."""
    which = SocialAccount.user_id == user_id
    return rows(await session.execute(delete(SocialAccount).where(which)))


async def note_login(session: AsyncSession, user_id: int) -> None:
    """Remember when the user logged in."""
    await session.execute(update(User).where(User.id == user_id).values(last_login=now()))


async def replace_hash(session: AsyncSession, user_id: int, old: str, new: str) -> None:
    """Store the same password at today's cost, unless it was changed meanwhile."""
    await session.execute(
        update(User).where(User.id == user_id, User.password == old).values(password=new)
    )


async def add_session(
    session: AsyncSession,
    user_id: int,
    *,
    digest: str,
    user_agent: str,
    ip_address: Any,
    expires_at: datetime,
) -> None:
    """Store a login."""
    session.add(
        AccessToken(
            user_id=user_id,
            kind=SESSION,
            digest=digest,
            user_agent=user_agent,
            ip_address=ip_address,
            expires_at=expires_at,
        )
    )
    await session.flush()


def rows(result: Any) -> int:
    """How many rows a statement changed."""
    assert isinstance(result, CursorResult)  # noqa: S101  what DELETE and UPDATE give
    return result.rowcount
