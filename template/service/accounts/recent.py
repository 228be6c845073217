"""`RecentCaller`: a caller who logged in, or proved who they are again, minutes ago.

A session that somebody left open, or that was stolen, is not enough to change how one logs in.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends

from service.accounts import queries
from service.accounts.challenges import Challenges, CurrentChallenges
from service.accounts.models import SESSION, now
from service.db import CurrentSession
from service.http.problems import Problem, documented
from service.identity.dependencies import Caller, CurrentCaller

PURPOSE = "recent"
RECENT = timedelta(minutes=10)
# For the `responses=` of routes with such a caller.
NOT_RECENT = documented(401, 403, 503)


async def recent_caller(
    caller: CurrentCaller, session: CurrentSession, challenges: CurrentChallenges
) -> Caller:
    """The caller; answers 403 when the proof is too old, or when it is no session of a person."""
    if caller.token_kind != SESSION:
        raise Problem(403, "session-required", "Only a person who logged in may do this")
    opened = await queries.session_opened_at(session, caller.id, caller.token_id)
    await session.commit()
    if opened and opened > now() - RECENT:
        return caller
    if await challenges.look(PURPOSE, str(caller.token_id)) is None:
        raise Problem(
            403,
            "reauthentication-required",
            "Prove again who you are",
            "Use /auth/reauthenticate, or log in again.",
        )
    return caller


async def note_proof(challenges: Challenges, caller: Caller) -> None:
    """The caller has just proved who they are."""
    await challenges.keep(PURPOSE, str(caller.token_id), {}, RECENT)


RecentCaller = Annotated[Caller, Depends(recent_caller)]
