"""The caller's own account."""

from core.api.schemas import Me, Profile
from web.api.caller import ApiRequest
from web.api.routes import Routes

router = Routes()


@router.operation
def get_me(request: ApiRequest) -> Me:
    """The person behind the cookie or the token."""
    return Me.model_validate(request.auth.person)


@router.operation
def update_me(request: ApiRequest, body: Profile) -> Me:
    """Changes the name; nothing else about oneself can be changed here."""
    user = request.auth.person
    user.name = body.name
    user.save(update_fields=["name"])
    return Me.model_validate(user)
