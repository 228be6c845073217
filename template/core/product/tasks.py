"""Yours: the tasks of your product, and when the periodic ones run.

Their code is in `tasks.py` of your product. `docs/tasks.md` has the rest.
"""

from datetime import datetime

from core.outbox import Task
from core.outbox.schedule import Periodic


class ExportProjects(Task, name="product.export_projects"):
    """Mail somebody the projects of the team that the task works for (`team_id=`)."""

    user_id: int


def export_key(team_id: int, user_id: int, now: datetime) -> str:
    """The same for a minute: who clicks twice gets one mail."""
    return f"{team_id}:{user_id}:{now:%Y-%m-%dT%H:%M}"


PRODUCT_SCHEDULE: tuple[Periodic, ...] = ()
