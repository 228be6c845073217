"""What factors ask the database; always those of one user."""

from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.factors import passkeys, totp
from service.accounts.models import Authenticator

# What makes a login ask for more than a password. Recovery codes only stand in for these.
SECOND_FACTORS = (totp.TYPE, passkeys.TYPE)


async def factors_of(session: AsyncSession, user_id: int) -> list[Authenticator]:
    """All factors of the user, the oldest first."""
    found = await session.scalars(
        select(Authenticator).where(Authenticator.user_id == user_id).order_by(Authenticator.id)
    )
    return list(found)


async def passkeys_of(session: AsyncSession, user_id: int) -> list[Authenticator]:
    """The user's passkeys, the oldest first."""
    found = await factors_of(session, user_id)
    return [factor for factor in found if factor.type == passkeys.TYPE]


async def lock_factor(session: AsyncSession, user_id: int, kind: str) -> Authenticator | None:
    """The user's one factor of a kind, locked: a code that two requests send works for one."""
    return await session.scalar(
        select(Authenticator)
        .where(Authenticator.user_id == user_id, Authenticator.type == kind)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def lock_passkey(
    session: AsyncSession, user_id: int, *, credential_id: str = "", passkey_id: int = 0
) -> Authenticator | None:
    """One passkey of the user, by what the browser or what we call it, locked."""
    which = Authenticator.id == passkey_id
    if credential_id:
        which = Authenticator.data["credential"]["id"].astext == credential_id
    return await session.scalar(
        select(Authenticator)
        .where(Authenticator.user_id == user_id, Authenticator.type == passkeys.TYPE, which)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def add_factor(
    session: AsyncSession, user_id: int, kind: str, data: dict[str, Any]
) -> Authenticator | None:
    """A new factor; None when the user has one of a kind that there is one of."""
    return await session.scalar(
        insert(Authenticator)
        .values(user_id=user_id, type=kind, data=data, created_at=func.now())
        .on_conflict_do_nothing(
            index_elements=[Authenticator.user_id, Authenticator.type],
            index_where=text("type IN ('totp', 'recovery_codes')"),
        )
        .returning(Authenticator)
    )


async def owner_of(session: AsyncSession, factor_id: int) -> int | None:
    """Whose factor it is."""
    return await session.scalar(select(Authenticator.user_id).where(Authenticator.id == factor_id))


async def delete_factor(session: AsyncSession, user_id: int, factor_id: int) -> None:
    """Delete one, and with the last one the recovery codes: they stand in for nothing more."""
    mine = Authenticator.user_id == user_id
    await session.execute(delete(Authenticator).where(mine, Authenticator.id == factor_id))
    left = select(Authenticator.id).where(mine, Authenticator.type.in_(SECOND_FACTORS))
    if await session.scalar(left.limit(1)) is None:
        await delete_factors(session, user_id)


async def delete_factors(session: AsyncSession, user_id: int) -> None:
    """Delete all factors of the user."""
    await session.execute(delete(Authenticator).where(Authenticator.user_id == user_id))


async def next_user_id(session: AsyncSession) -> int:
    """The id that a new user will have: a passkey is made for it before the user is."""
    sequence = func.pg_get_serial_sequence("accounts_user", "id")
    return int(await session.scalar(select(func.nextval(sequence))) or 0)
