"""Whoever listens to a team is told when its members come and go.

SQLAlchemy itself calls this, however a membership is made or ended. A team that is deleted takes
those who listened along, and tells nobody.
"""

from sqlalchemy import Connection, event

# A team that goes takes their rows along.
import service.outgoing.models  # noqa: F401
from core.outgoing.emit import emit
from core.outgoing.events import MemberAdded, MemberFacts, MemberRemoved
from service.execute import executor
from service.teams.models import Membership


@event.listens_for(Membership, "after_insert")
def member_added(mapper: object, connection: Connection, membership: Membership) -> None:
    """Somebody joined."""
    member = MemberFacts(user_id=membership.user_id, role=membership.role)
    emit(executor(connection), membership.team_id, MemberAdded(member=member))


@event.listens_for(Membership, "after_delete")
def member_removed(mapper: object, connection: Connection, membership: Membership) -> None:
    """Somebody is gone."""
    member = MemberFacts(user_id=membership.user_id, role=membership.role)
    emit(executor(connection), membership.team_id, MemberRemoved(member=member))
