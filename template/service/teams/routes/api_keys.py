"""The API keys of a team."""

from typing import Any

from core.api.pages import page_of
from core.api.schemas import ApiKey, Id, MadeApiKey, NewApiKey, Page
from service.api.lists import PageOf, fetch
from service.api.routes import Routes
from service.db import CurrentSession
from service.teams import api_keys, models, queries
from service.teams.dependencies import CurrentMembership

router = Routes()


def fields(key: models.ApiKey) -> dict[str, Any]:
    """What the API shows of a key."""
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "created_by": queries.called(key.created_by),
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
    }


def shown(key: models.ApiKey) -> ApiKey:
    """A key as the API shows it."""
    return ApiKey.model_validate(fields(key))


@router.operation
async def list_api_keys(
    query: PageOf, team: CurrentMembership, session: CurrentSession
) -> Page[ApiKey]:
    """Those that are not revoked."""
    keys = queries.keys_of(team.id)
    rows = await fetch(session, keys, query, models.ApiKey.id, newest_first=True)
    return page_of(rows, query.limit, shown, lambda key: key.id)


@router.operation
async def create_api_key(
    body: NewApiKey, team: CurrentMembership, session: CurrentSession
) -> MadeApiKey:
    """The key itself is in this answer alone."""
    text, key = await api_keys.make_key(
        session, team.caller.id, team.id, body.name, body.scopes, body.expires_in_days
    )
    return MadeApiKey.model_validate({**fields(key), "key": text})


@router.operation
async def revoke_api_key(api_key_id: Id, team: CurrentMembership, session: CurrentSession) -> None:
    """It opens nothing any more."""
    await api_keys.revoke_key(session, team.caller.id, team.id, api_key_id)
