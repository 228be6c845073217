"""The caller's own account."""

from fastapi import APIRouter

from service.accounts import queries
from service.accounts.schemas import Me, Profile
from service.db import CurrentSession
from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller, unauthenticated

router = APIRouter(prefix="/me", tags=["me"], responses=UNAUTHENTICATED)


@router.get("", summary="Who am I?")
async def read_me(caller: CurrentCaller) -> Me:
    """The user behind the token."""
    return Me.model_validate(caller)


@router.patch("", summary="Change my name")
async def update_me(body: Profile, caller: CurrentCaller, session: CurrentSession) -> Me:
    """Changes the name; nothing else about oneself can be changed here."""
    user = await queries.lock_user(session, caller.id)
    if user is None:
        raise unauthenticated("invalid_token")
    user.name = body.name
    await session.commit()
    return Me.model_validate(user)
