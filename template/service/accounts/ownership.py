"""Who proves that an address is theirs gets its account, and nobody else keeps a key to it.

Somebody may sign up with an address that is not theirs, set a password or a passkey, and wait
until the owner logs in by mail or by a provider. So the first proof that comes in another way than
by the link of the sign-up takes away whatever was set before it.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from core.passwords import unusable_password
from core.tasks import SendWelcomeMail
from service.accounts import queries
from service.accounts.factors.queries import delete_factors
from service.accounts.models import User
from service.queue import enqueue


async def prove_ownership(session: AsyncSession, user: User) -> None:
    """Note that whoever acts now owns the address of the locked user; the caller commits.

    The first time, all other ways in are closed: password, factors, providers and sessions.
    """
    if not await queries.verify_address(session, user.id, user.email):
        return
    user.password = unusable_password()
    await delete_factors(session, user.id)
    await queries.delete_social_accounts(session, user.id)
    await queries.end_sessions(session, user.id)
    await enqueue(session, SendWelcomeMail(user_id=user.id))
