"""The API keys of a team."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from ninja import Query

from core.api.schemas import ApiKey, Id, MadeApiKey, NewApiKey, Page, PageQuery
from core.problems import not_found
from web.api.caller import TeamRequest
from web.api.lists import page
from web.api.routes import Routes
from web.teams import models

router = Routes()


def fields(key: models.ApiKey) -> dict[str, Any]:
    """What the API shows of a key."""
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "created_by": str(key.created_by) if key.created_by else None,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
    }


def shown(key: models.ApiKey) -> ApiKey:
    """A key as the API shows it."""
    return ApiKey.model_validate(fields(key))


@router.operation
def list_api_keys(request: TeamRequest, query: Query[PageQuery]) -> Page[ApiKey]:
    """Those that are not revoked."""
    keys = request.team.api_keys.alive().select_related("created_by")
    return page(keys, query, shown, newest_first=True)


@router.operation
def create_api_key(request: TeamRequest, body: NewApiKey) -> MadeApiKey:
    """The key itself is in this answer alone."""
    days = body.expires_in_days
    expires_at = timezone.now() + timedelta(days=days) if days else None
    text, key = request.team.make_api_key(request.auth.person, body.name, body.scopes, expires_at)
    return MadeApiKey.model_validate({**fields(key), "key": text})


@router.operation
def revoke_api_key(request: TeamRequest, api_key_id: Id) -> None:
    """It opens nothing any more."""
    key = request.team.api_keys.alive().filter(pk=api_key_id).first()
    if key is None:
        raise not_found("API key")
    key.revoke(request.auth.person)
