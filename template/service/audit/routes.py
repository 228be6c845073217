"""The audit log of a team."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.api.pages import page_of
from core.api.schemas import AuditEntry, Page
from core.audit import ActorKind
from service.accounts.models import User
from service.api.lists import PageOf, fetch
from service.api.routes import Routes
from service.audit.models import Entry
from service.db import CurrentSession
from service.teams.dependencies import CurrentTeam
from service.teams.models import ApiKey
from service.teams.queries import called

router = Routes()
# What is shown as it is.
COLUMNS = (
    "id",
    "action",
    "actor_kind",
    "actor_id",
    "target_kind",
    "target_id",
    "details",
    "created_at",
)


async def names_of(
    session: AsyncSession, team_id: int, entries: Sequence[Entry]
) -> dict[tuple[str, int | None], str | None]:
    """What the actors are called now; those who are gone have no name."""
    actors = {(entry.actor_kind, entry.actor_id) for entry in entries if entry.actor_id}
    user_ids = [actor_id for kind, actor_id in actors if kind == ActorKind.USER]
    key_ids = [actor_id for kind, actor_id in actors if kind == ActorKind.API_KEY]
    people = await session.scalars(select(User).where(User.id.in_(user_ids)))
    keys = await session.scalars(
        select(ApiKey).where(ApiKey.team_id == team_id, ApiKey.id.in_(key_ids))
    )
    names: dict[tuple[str, int | None], str | None] = {}
    names |= {(ActorKind.USER, user.id): called(user) for user in people}
    names |= {(ActorKind.API_KEY, key.id): key.name for key in keys}
    return names


@router.operation
async def list_audit_entries(
    query: PageOf, team: CurrentTeam, session: CurrentSession
) -> Page[AuditEntry]:
    """What was done in this team."""
    own = select(Entry).where(Entry.team_id == team.id)
    entries = await fetch(session, own, query, Entry.id, newest_first=True)
    names = await names_of(session, team.id, entries)

    def shown(entry: Entry) -> AuditEntry:
        address = entry.ip_address
        return AuditEntry.model_validate(
            {
                **{name: getattr(entry, name) for name in COLUMNS},
                "actor": names.get((entry.actor_kind, entry.actor_id)),
                "by_support": entry.impersonator_id is not None,
                "ip_address": str(address) if address else None,
            }
        )

    return page_of(entries, query.limit, shown, lambda entry: entry.id)
