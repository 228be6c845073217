"""Who the caller is."""

from core.api.schemas import Me, Profile
from service.accounts import queries
from service.api.routes import Routes
from service.db import CurrentSession
from service.identity.dependencies import CurrentCaller, unauthenticated

router = Routes()


@router.operation
async def get_me(caller: CurrentCaller) -> Me:
    """The person behind the token."""
    return Me.model_validate(caller)


@router.operation
async def update_me(body: Profile, caller: CurrentCaller, session: CurrentSession) -> Me:
    """Changes the name; nothing else about oneself can be changed here."""
    user = await queries.lock_user(session, caller.id)
    if user is None:
        raise unauthenticated("invalid_token")
    user.name = body.name
    return Me.model_validate(user)
