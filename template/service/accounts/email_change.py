"""Another address to log in with: it counts once it is verified, and the old one is told."""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.env import get_settings
from core.tasks import SendMail, SendVerificationMail
from service.accounts.links import RESET_PASSWORD
from service.accounts.models import EmailAddress, User
from service.accounts.notices import note
from service.accounts.queries import lock_user
from service.queue import enqueue


async def ask_for_change(session: AsyncSession, user_id: int, email: str) -> None:
    """Mail a link to the new address, or tell its owner that it is in use; commit.

    Only the last one that was asked for waits. An address that somebody has, verified or not, is
    not taken away from them.
    """
    user = await lock_user(session, user_id)
    if user is None or user.email == email:
        return
    await forget_waiting(session, user)
    if await is_taken(session, email):
        context = {"url": f"{get_settings().origin}{RESET_PASSWORD.page}"}
        await enqueue(session, SendMail(template="account_exists", to=email, context=context))
    else:
        address = EmailAddress(user_id=user.id, email=email)
        session.add(address)
        await session.flush()
        await enqueue(session, SendVerificationMail(email_address_id=address.id))
    await session.commit()


async def complete_change(session: AsyncSession, user: User, email: str) -> bool:
    """Let the address that was just verified be the user's; False when somebody else has it now.

    The caller commits. Links that were mailed to the former address are void then.
    """
    taken = exists().where(User.email == email, User.id != user.id)
    if await session.scalar(select(taken)):
        return False
    former = user.email
    await session.execute(
        delete(EmailAddress).where(EmailAddress.user_id == user.id, EmailAddress.email != email)
    )
    await session.execute(
        update(EmailAddress)
        .where(EmailAddress.user_id == user.id, EmailAddress.email == email)
        .values(primary=True)
    )
    user.email = email
    await note(session, user.id, AuditAction.EMAIL_CHANGED)
    context = {"new_email": email}
    await enqueue(session, SendMail(template="email_changed", to=former, context=context))
    return True


async def forget_waiting(session: AsyncSession, user: User) -> None:
    """Forget addresses that were asked for and never verified."""
    await session.execute(
        delete(EmailAddress).where(
            EmailAddress.user_id == user.id,
            EmailAddress.email != user.email,
            ~EmailAddress.verified,
        )
    )


async def is_taken(session: AsyncSession, email: str) -> bool:
    """Whether somebody logs in with the address, or has verified it."""
    verified = exists().where(EmailAddress.email == email, EmailAddress.verified)
    return bool(await session.scalar(select(exists().where(User.email == email) | verified)))
