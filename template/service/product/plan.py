"""Yours: what the plans limit of your product, and what of it is metered.

SQLAlchemy itself calls this, however a project is made or changed, so that no route can forget it.
Only statements that change many rows at once pass it by.
"""

from sqlalchemy import Connection, event, func, inspect, select

from core.billing.gates import require_room
from core.billing.state import CURRENT_SUBSCRIPTION, entitlements_from
from core.billing.usage import record
from service.execute import executor
from service.product.models import Project
from service.teams.models import Team


@event.listens_for(Project, "after_insert")
def made(mapper: object, connection: Connection, project: Project) -> None:
    """One project more: the plan must have room for it."""
    check_room(connection, project.team_id)
    count_change(connection, project.team_id)


@event.listens_for(Project, "after_update")
def changed(mapper: object, connection: Connection, project: Project) -> None:
    """One project changed, and perhaps brought back from the archive."""
    attributes = inspect(project).attrs
    if attributes.archived_at.history.has_changes() and project.archived_at is None:
        check_room(connection, project.team_id)
    count_change(connection, project.team_id)


def check_room(connection: Connection, team_id: int) -> None:
    """Raises 402 if the projects that are not archived are more than the plan has room for.

    The team stays locked until the commit, so that of two who make the last one only one does.
    """
    table = Project.__table__
    connection.execute(select(Team.id).where(Team.id == team_id).with_for_update(key_share=True))
    used = connection.scalar(
        select(func.count())
        .select_from(table)
        .where(table.c.team_id == team_id, table.c.archived_at.is_(None))
    )
    bought = connection.exec_driver_sql(CURRENT_SUBSCRIPTION, {"team_id": team_id}).all()
    # The one that needs the room is among them.
    require_room(entitlements_from(bought), "projects", (used or 1) - 1)


def count_change(connection: Connection, team_id: int) -> None:
    """What the meter `changes` counts, in the transaction of the change."""
    record(executor(connection), team_id, "changes")
