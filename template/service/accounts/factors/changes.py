"""Adding and removing factors; each change is told by mail."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from service.accounts.factors import passkeys, queries, recovery, totp
from service.accounts.factors.schemas import Factors, Passkey
from service.accounts.models import Authenticator
from service.accounts.notices import tell
from service.accounts.queries import lock_account, lock_user
from service.http.problems import Problem
from service.identity.dependencies import Caller

# Nobody needs more, and a login reads them all.
MOST_PASSKEYS = 20


async def add_totp(
    session: AsyncSession, caller: Caller, secret: str, code: str
) -> list[str] | None:
    """Turn on the app whose first code this is, and commit; the recovery codes if they are new."""
    step = totp.matching_step(secret, code)
    if step is None:
        raise Problem(422, "wrong-code", "The code is wrong", "Is the clock of the phone right?")
    await lock_user(session, caller.id)
    if not await queries.add_factor(session, caller.id, totp.TYPE, totp.new_data(secret, step)):
        raise Problem(409, "conflict", "There is an app already", "Remove it first.")
    codes = await first_recovery_codes(session, caller.id)
    await tell(
        session,
        caller.id,
        caller.email,
        AuditAction.SECOND_FACTOR_ADDED,
        "an authenticator app was added",
    )
    await session.commit()
    return codes


async def remove_totp(session: AsyncSession, caller: Caller) -> None:
    """Turn off the app, and commit."""
    await lock_user(session, caller.id)
    factor = await queries.lock_factor(session, caller.id, totp.TYPE)
    if factor is None:
        raise Problem(404, "not-found", "There is no app")
    await queries.delete_factor(session, caller.id, factor.id)
    await tell(
        session,
        caller.id,
        caller.email,
        AuditAction.SECOND_FACTOR_REMOVED,
        "the authenticator app was removed",
    )
    await session.commit()


async def add_passkey(
    session: AsyncSession, caller: Caller, data: dict[str, Any]
) -> tuple[Authenticator, list[str] | None]:
    """Store a passkey, and commit; the recovery codes too if they are new."""
    await lock_user(session, caller.id)
    if len(await queries.passkeys_of(session, caller.id)) >= MOST_PASSKEYS:
        raise Problem(409, "conflict", "There are too many passkeys", "Remove one first.")
    found = data["credential"]["id"]
    if await queries.lock_passkey(session, caller.id, credential_id=found):
        raise Problem(409, "conflict", "This passkey is known already")
    factor = await queries.add_factor(session, caller.id, passkeys.TYPE, data)
    assert factor is not None  # noqa: S101  there may be many of this kind
    codes = await first_recovery_codes(session, caller.id)
    await tell(
        session,
        caller.id,
        caller.email,
        AuditAction.SECOND_FACTOR_ADDED,
        f"the passkey “{data['name']}” was added",
    )
    await session.commit()
    return factor, codes


async def rename_passkey(
    session: AsyncSession, caller: Caller, passkey_id: int, name: str
) -> Authenticator:
    """Give a passkey another name, and commit."""
    factor = await queries.lock_passkey(session, caller.id, passkey_id=passkey_id)
    if factor is None:
        raise no_such_passkey()
    factor.data = {**factor.data, "name": name}
    await session.commit()
    return factor


async def remove_passkey(session: AsyncSession, caller: Caller, passkey_id: int) -> None:
    """Forget a passkey, and commit."""
    await lock_user(session, caller.id)
    factor = await queries.lock_passkey(session, caller.id, passkey_id=passkey_id)
    if factor is None:
        raise no_such_passkey()
    await queries.delete_factor(session, caller.id, factor.id)
    await tell(
        session,
        caller.id,
        caller.email,
        AuditAction.SECOND_FACTOR_REMOVED,
        f"the passkey “{factor.data['name']}” was removed",
    )
    await session.commit()


async def remove_for_owner(session: AsyncSession, factor_id: int) -> bool:
    """Remove somebody's factor, as staff do who were asked to; whether there was it.

    The caller commits.
    """
    user_id = await queries.owner_of(session, factor_id)
    user = await lock_account(session, user_id) if user_id else None
    if user_id is None or user is None:
        return False
    await queries.delete_factor(session, user_id, factor_id)
    change = "somebody of our staff removed a second factor"
    await tell(session, user_id, user.email, AuditAction.SECOND_FACTOR_REMOVED, change)
    return True


async def new_recovery_codes(session: AsyncSession, caller: Caller) -> list[str]:
    """Make new recovery codes, and commit; the old ones are void."""
    await lock_user(session, caller.id)
    factors = await queries.factors_of(session, caller.id)
    if not any(factor.type in queries.SECOND_FACTORS for factor in factors):
        raise Problem(409, "conflict", "There is no second factor to recover")
    data = recovery.new_data()
    old = await queries.lock_factor(session, caller.id, recovery.TYPE)
    if old:
        old.data, old.last_used_at = data, None
    else:
        await queries.add_factor(session, caller.id, recovery.TYPE, data)
    await tell(
        session,
        caller.id,
        caller.email,
        AuditAction.RECOVERY_CODES_MADE,
        "new recovery codes were made, and the old ones are void",
    )
    await session.commit()
    return recovery.codes_of(data)


async def first_recovery_codes(session: AsyncSession, user_id: int) -> list[str] | None:
    """The codes that come with the first factor; None when there are some already."""
    data = recovery.new_data()
    added = await queries.add_factor(session, user_id, recovery.TYPE, data)
    return recovery.codes_of(data) if added else None


def summary(factors: list[Authenticator]) -> Factors:
    """Which second factors there are."""
    codes = [factor for factor in factors if factor.type == recovery.TYPE]
    return Factors(
        totp=any(factor.type == totp.TYPE for factor in factors),
        passkeys=sum(factor.type == passkeys.TYPE for factor in factors),
        recovery_codes_left=recovery.left(codes[0].data) if codes else 0,
    )


def as_passkey(factor: Authenticator) -> Passkey:
    """A passkey as its owner sees it."""
    return Passkey(
        id=factor.id,
        name=factor.data["name"],
        created_at=factor.created_at,
        last_used_at=factor.last_used_at,
    )


def no_such_passkey() -> Problem:
    """The same answer for nobody's and for somebody else's."""
    return Problem(404, "not-found", "There is no such passkey")
