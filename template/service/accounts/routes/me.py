"""What people do with their account as a whole."""

from typing import Any

from fastapi import APIRouter, Response

from core.audit import AuditAction
from service.accounts import queries
from service.accounts.deletion import delete_account
from service.accounts.email_change import ask_for_change
from service.accounts.export import export
from service.accounts.notices import note
from service.accounts.recent import NOT_RECENT, RecentCaller
from service.accounts.schemas import MailAddress, Message
from service.db import CurrentSession
from service.http.problems import documented
from service.identity.cookie import delete_cookie
from service.identity.dependencies import UNAUTHENTICATED, unauthenticated
from service.limits import CHANGE_EMAIL, EXPORT, Limits

router = APIRouter(prefix="/me", tags=["me"], responses=UNAUTHENTICATED)


@router.post(
    "/email",
    status_code=202,
    summary="Change my address",
    responses=NOT_RECENT | documented(429),
)
async def change_email(
    body: MailAddress, caller: RecentCaller, session: CurrentSession, limits: Limits
) -> Message:
    """Mails a link to the new address. Until it is opened the old one stays; then that is told.

    When the address belongs to somebody, they get a mail that says so; the answer is the same.
    """
    await limits.check(CHANGE_EMAIL, caller.email)
    await ask_for_change(session, caller.id, body.email)
    return Message(detail="Open the link in the mail that we sent to the new address.")


@router.get("/export", summary="Export my data", responses=NOT_RECENT | documented(429))
async def export_me(
    response: Response, caller: RecentCaller, session: CurrentSession, limits: Limits
) -> dict[str, Any]:
    """All that is stored about the caller, without secrets: one list for each kind of row."""
    await limits.check(EXPORT, caller.email)
    user = await queries.user_by_id(session, caller.id)
    if user is None:
        raise unauthenticated("invalid_token")
    data = await export(session, user)
    await note(session, user.id, AuditAction.DATA_EXPORTED)
    await session.commit()
    response.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    return data


@router.delete(
    "", status_code=204, summary="Delete my account", responses=NOT_RECENT | documented(409)
)
async def delete_me(response: Response, caller: RecentCaller, session: CurrentSession) -> None:
    """Deletes the account, its personal team and the teams in which the caller is alone.

    Teams with other members need another owner first: 409 names them. There is no way back.
    """
    await delete_account(session, caller.id)
    await session.commit()
    delete_cookie(response)
