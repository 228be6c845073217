"""`record`: writes an entry in the current transaction."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from core.audit import INSERT, Actor, AuditAction, entry


def record(
    action: AuditAction,
    *,
    team_id: int | None = None,
    target: tuple[str, int] | None = None,
    details: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> None:
    """Note what is done, so that both commit or neither; see `core.audit.entry`."""
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT, entry(action, team_id=team_id, target=target, details=details, actor=actor)
        )
