"""The caller's logins, on whatever device."""

from typing import Annotated

from fastapi import APIRouter, Path

from core.audit import AuditAction
from service.accounts import queries
from service.accounts.notices import note
from service.accounts.schemas import Session
from service.db import CurrentSession
from service.http.problems import Problem, documented
from service.identity.dependencies import NOT_IMPERSONATED, UNAUTHENTICATED, CurrentCaller

router = APIRouter(prefix="/sessions", tags=["sessions"], responses=UNAUTHENTICATED)

# As large as the column.
SessionId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("", summary="List my sessions")
async def list_sessions(caller: CurrentCaller, session: CurrentSession) -> list[Session]:
    """The caller's sessions that have not ended, the newest first."""
    return [
        Session.model_validate(found).model_copy(update={"current": found.id == caller.token_id})
        for found in await queries.sessions_of(session, caller.id)
    ]


@router.delete(
    "", status_code=204, summary="End my other sessions", dependencies=[NOT_IMPERSONATED]
)
async def end_other_sessions(caller: CurrentCaller, session: CurrentSession) -> None:
    """Ends every session of the caller but the one of this request."""
    if await queries.end_sessions(session, caller.id, keep=caller.token_id):
        await note(session, caller.id, AuditAction.SESSION_ENDED)
    await session.commit()


@router.delete(
    "/{session_id}",
    status_code=204,
    summary="End a session",
    dependencies=[NOT_IMPERSONATED],
    responses=documented(404),
)
async def end_session(
    session_id: SessionId, caller: CurrentCaller, session: CurrentSession
) -> None:
    """Ends one session of the caller at once; 404 for what is not the caller's."""
    if not await queries.end_session(session, caller.id, session_id):
        raise Problem(404, "not-found", "There is no such session")
    await note(session, caller.id, AuditAction.SESSION_ENDED)
    await session.commit()
