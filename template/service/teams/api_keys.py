"""The keys by which programs work for a team. The caller of each function commits."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditAction
from core.teams import roles, rules
from core.teams.roles import Scope
from core.tokens import digest, new_token
from service.accounts.models import now
from service.audit.record import record
from service.teams import queries
from service.teams.models import ApiKey

# As much of a key as tells it from others.
PREFIX = 10


async def make_key(
    session: AsyncSession,
    by: int,
    team_id: int,
    name: str,
    scopes: Sequence[Scope],
    days: int | None,
) -> tuple[str, ApiKey]:
    """A key that lives for so many days; its text is known only now."""
    await queries.lock_for(session, team_id, by, roles.MANAGE_API_KEYS)
    alive = await queries.count_keys(session, team_id)
    rules.check_bound(alive, rules.MOST_API_KEYS, "API keys")
    text = new_token("key")
    key = ApiKey(
        team_id=team_id,
        name=name,
        prefix=text[:PREFIX],
        digest=digest(text),
        scopes=sorted({scope.value for scope in scopes}),
        created_by_id=by,
        expires_at=now() + timedelta(days=days) if days else None,
    )
    session.add(key)
    await session.flush()
    await session.refresh(key, ["created_by"])
    await note(session, AuditAction.API_KEY_CREATED, key, scopes=key.scopes)
    return text, key


async def revoke_key(session: AsyncSession, by: int, team_id: int, key_id: int) -> None:
    """Let it open nothing any more, at once."""
    await queries.lock_for(session, team_id, by, roles.MANAGE_API_KEYS)
    await end_key(session, await queries.live_key(session, team_id, key_id))


async def end_key(session: AsyncSession, key: ApiKey) -> None:
    """Revoke a key, whoever asks; the team is locked."""
    key.revoked_at = now()
    await session.flush()
    await note(session, AuditAction.API_KEY_REVOKED, key)


async def note(session: AsyncSession, action: AuditAction, key: ApiKey, **details: object) -> None:
    """Record what happens to a key."""
    await record(
        session,
        action,
        team_id=key.team_id,
        target=("api_key", key.id),
        details={"name": key.name, **details},
    )
