"""Forgotten, reset and changed passwords; the API and the pages do it the same way."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.env import get_settings
from core.tasks import SendMail, SendResetMail
from service.accounts import queries
from service.accounts.hashing import PasswordHashing
from service.accounts.links import RESET_PASSWORD, password_mark
from service.accounts.models import User
from service.accounts.notices import note
from service.accounts.ownership import prove_ownership
from service.http.problems import Problem
from service.queue import enqueue


def bad_link() -> Problem:
    """The same answer for a forged, used and expired link."""
    return Problem(
        400, "bad-link", "This link is not valid", "It was used, is too old, or is incomplete."
    )


async def send_reset_link(session: AsyncSession, email: str) -> None:
    """Mail a link that sets a new password, or tell the address that it has no account; commit."""
    user = await queries.user_by_email(session, email)
    if user:
        await enqueue(session, SendResetMail(user_id=user.id, email=user.email))
    else:
        context = {"url": get_settings().origin}
        await enqueue(session, SendMail(template="unknown_account", to=email, context=context))
    await session.commit()


async def new_hash(
    hashing: PasswordHashing, password: str, *, email: str, name: str, field: str
) -> str:
    """The stored form of a new password; raises 422 when it is too weak."""
    problem = await hashing.problem(password, email=email, name=name)
    if problem:
        error = {"pointer": f"#/{field}", "detail": problem}
        raise Problem(
            422, "weak-password", "Choose another password", problem, extra={"errors": [error]}
        )
    return await hashing.hash(password)


async def user_of_reset_link(session: AsyncSession, token: str, *, lock: bool = False) -> User:
    """Whose link it is; raises 400 when it is not valid any more."""
    content = RESET_PASSWORD.read(token)
    if content is None:
        raise bad_link()
    find = queries.lock_user if lock else queries.user_by_id
    user = await find(session, content["id"])
    if user is None or user.email != content["email"]:
        raise bad_link()
    if password_mark(user.password) != content["password"]:
        raise bad_link()
    return user


async def reset_password(
    session: AsyncSession,
    hashing: PasswordHashing,
    *,
    token: str,
    password: str,
) -> None:
    """Set a new password by a mailed link, end every session, and commit.

    Who could open the mail owns the address, so it is verified too. Accounts at providers are
    disconnected: whoever knew the former password may have connected their own. Second factors
    stay, or a mail would be enough to get past them.
    """
    user = await user_of_reset_link(session, token)
    # The connection goes back while the password waits for its turn.
    await session.commit()
    stored = await new_hash(hashing, password, email=user.email, name=user.name, field="password")
    user = await user_of_reset_link(session, token, lock=True)
    await prove_ownership(session, user)
    user.password = stored
    await queries.end_sessions(session, user.id)
    if await queries.delete_social_accounts(session, user.id):
        await note(session, user.id, AuditAction.CONNECTION_REMOVED)
    await tell_about_change(session, user)
    await session.commit()


async def change_password(
    session: AsyncSession,
    hashing: PasswordHashing,
    *,
    user_id: int,
    token_id: int,
    current: str,
    new: str,
) -> None:
    """Set a new password for somebody who knows the present one; ends the other sessions."""
    user = await queries.user_by_id(session, user_id)
    # The connection goes back while the passwords wait for their turn.
    await session.commit()
    if user is None or not await hashing.verify(current, user.password):
        raise wrong_password()
    checked = user.password
    stored = await new_hash(hashing, new, email=user.email, name=user.name, field="new_password")
    user = await queries.lock_user(session, user_id)
    if user is None or user.password != checked:
        raise wrong_password()
    user.password = stored
    await queries.end_sessions(session, user_id, keep=token_id)
    await tell_about_change(session, user)
    await session.commit()


def wrong_password() -> Problem:
    """The present password is not the one that was given."""
    errors = [{"pointer": "#/current_password", "detail": "Wrong password."}]
    return Problem(422, "wrong-password", "The present password is wrong", extra={"errors": errors})


async def tell_about_change(session: AsyncSession, user: User) -> None:
    """Mail the user that the password was changed: it may not have been them."""
    await note(session, user.id, AuditAction.PASSWORD_CHANGED)
    context = {"url": f"{get_settings().origin}{RESET_PASSWORD.page}"}
    await enqueue(session, SendMail(template="password_changed", to=user.email, context=context))
