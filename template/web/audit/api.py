"""The audit log of a team."""

from collections.abc import Iterable

from ninja import Query

from core.api.schemas import AuditEntry, Page, PageQuery
from core.audit import ActorKind
from web.accounts.models import User
from web.api.caller import TeamRequest
from web.api.lists import fetch, shown
from web.api.routes import Routes
from web.audit.models import Entry
from web.teams.models import Team

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
    "ip_address",
    "created_at",
)


def names_of(team: Team, entries: Iterable[Entry]) -> dict[tuple[str, int], str]:
    """What the actors are called now; those who are gone have no name."""
    actors = {(entry.actor_kind, entry.actor_id) for entry in entries if entry.actor_id}
    people = User.objects.filter(pk__in=[pk for kind, pk in actors if kind == ActorKind.USER])
    keys = team.api_keys.filter(pk__in=[pk for kind, pk in actors if kind == ActorKind.API_KEY])
    return {(ActorKind.USER.value, user.pk): str(user) for user in people} | {
        (ActorKind.API_KEY.value, key.pk): key.name for key in keys
    }


@router.operation
def list_audit_entries(request: TeamRequest, query: Query[PageQuery]) -> Page[AuditEntry]:
    """What was done in this team."""
    entries = fetch(Entry.objects.filter(team_id=request.team.pk), query, newest_first=True)
    names = names_of(request.team, entries)

    def entry_of(entry: Entry) -> AuditEntry:
        return AuditEntry.model_validate(
            {
                **{name: getattr(entry, name) for name in COLUMNS},
                "actor": names.get((entry.actor_kind, entry.actor_id or 0)),
                "by_support": entry.impersonator_id is not None,
            }
        )

    return shown(entries, query, entry_of)
