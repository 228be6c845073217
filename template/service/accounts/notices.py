"""What was changed about how somebody logs in: written down, and told by mail.

It may not have been them.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import SYSTEM, Actor, ActorKind, AuditAction, current_actor
from core.env import get_settings
from core.tasks import SendMail
from service.accounts.links import RESET_PASSWORD
from service.audit.record import record
from service.queue import enqueue


async def tell(
    session: AsyncSession, user_id: int, email: str, action: AuditAction, change: str
) -> None:
    """Write down the action and mail the change, as half a sentence; the caller commits."""
    await note(session, user_id, action)
    context = {"change": change, "url": f"{get_settings().origin}{RESET_PASSWORD.page}"}
    await enqueue(session, SendMail(template="sign_in_changed", to=email, context=context))


async def note(session: AsyncSession, user_id: int, action: AuditAction) -> None:
    """Write down that the user did this to their own account; the caller commits."""
    actor = current_actor()
    if actor is SYSTEM:
        actor = Actor(ActorKind.USER, user_id)
    await record(session, action, target=("user", user_id), actor=actor)
