"""Proving a factor: by the code of an app, by a recovery code, or by a passkey."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.factors import passkeys, queries, recovery, totp
from service.accounts.factors.schemas import FactorProof
from service.http.problems import Problem
from service.limits import GUESSES, ClientLimits


async def prove(
    session: AsyncSession, limits: ClientLimits, user_id: int, proof: FactorProof, token: str
) -> None:
    """Check a proof and note its use; the caller commits. Raises 401 when it is wrong.

    `token` is the challenge that a passkey must have signed. Codes can be guessed, so their tries
    are counted for the account, too: only somebody who got past its password is ever asked.
    """
    if proof.credential is not None:
        right = await prove_passkey(session, user_id, proof.credential, token)
    else:
        await limits.check_account(GUESSES, user_id)
        right = await prove_code(session, user_id, proof)
    if not right:
        raise Problem(401, "wrong-second-factor", "This does not prove who you are")


async def prove_if_needed(
    session: AsyncSession, limits: ClientLimits, user_id: int, code: str
) -> bool:
    """Whether the user has no second factor, or this is a code of the app or a recovery code."""
    factors = await queries.factors_of(session, user_id)
    if not any(factor.type in queries.SECOND_FACTORS for factor in factors):
        return True
    if not code:
        return False
    await limits.check_account(GUESSES, user_id)
    # Those of the app are shorter.
    is_recovery = len(code.replace(" ", "")) > totp.DIGITS
    proof = FactorProof(recovery_code=code) if is_recovery else FactorProof(code=code)
    return await prove_code(session, user_id, proof)


async def prove_code(session: AsyncSession, user_id: int, proof: FactorProof) -> bool:
    """Whether the code of the app, or the recovery code, is right and unused."""
    kind = totp if proof.code is not None else recovery
    factor = await queries.lock_factor(session, user_id, kind.TYPE)
    return factor is not None and kind.use_code(factor, proof.code or proof.recovery_code or "")


async def prove_passkey(
    session: AsyncSession, user_id: int, credential: passkeys.Json, token: str
) -> bool:
    """Whether the browser has one of the user's passkeys or security keys."""
    try:
        found = passkeys.credential_id(credential)
        factor = await queries.lock_passkey(session, user_id, credential_id=found)
        if factor is None:
            return False
        passkeys.use(factor, credential, token, verified_user=False)
    except passkeys.WrongPasskey:
        return False
    return True
