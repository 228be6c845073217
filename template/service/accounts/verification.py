"""Proving that an address is one's own; the API and the page do it the same way."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.tasks import SendWelcomeMail
from service.accounts import queries
from service.accounts.email_change import complete_change
from service.accounts.links import VERIFY_EMAIL
from service.accounts.models import User
from service.accounts.passwords import bad_link
from service.queue import enqueue


async def user_of_link(session: AsyncSession, token: str) -> tuple[User, str]:
    """Whose link it is and for which address; raises 400 when it is not valid."""
    content = VERIFY_EMAIL.read(token)
    if content is None:
        raise bad_link()
    user = await queries.user_of_address(session, content["id"], content["email"])
    if user is None:
        raise bad_link()
    return user, content["email"]


async def verify_email(session: AsyncSession, token: str) -> None:
    """Mark the address of the link as verified and commit; the first time somebody is welcomed."""
    user, email = await user_of_link(session, token)
    locked = await queries.lock_user(session, user.id)
    try:
        first = await queries.verify_address(session, user.id, email)
    except IntegrityError:
        # Somebody else has verified the same address meanwhile.
        raise bad_link() from None
    if locked is None:
        raise bad_link()
    if first and email != locked.email:
        if not await complete_change(session, locked, email):
            raise bad_link()
    elif first:
        await enqueue(session, SendWelcomeMail(user_id=user.id))
    await session.commit()
