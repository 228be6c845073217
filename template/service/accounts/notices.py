"""Mails that tell people that the way they log in was changed: it may not have been them."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.env import get_settings
from core.tasks import SendMail
from service.accounts.links import RESET_PASSWORD
from service.queue import enqueue


async def tell(session: AsyncSession, email: str, change: str) -> None:
    """Mail what was changed, as half a sentence; the caller commits."""
    context = {"change": change, "url": f"{get_settings().origin}{RESET_PASSWORD.page}"}
    await enqueue(session, SendMail(template="sign_in_changed", to=email, context=context))
