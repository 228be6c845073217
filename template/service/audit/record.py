"""`record`: writes an entry in the session's transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import INSERT, Actor, AuditAction, entry


async def record(
    session: AsyncSession,
    action: AuditAction,
    *,
    team_id: int | None = None,
    target: tuple[str, int] | None = None,
    details: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> None:
    """Note what is done, so that both commit or neither; see `core.audit.entry`."""
    connection = await session.connection()
    await connection.exec_driver_sql(
        INSERT, entry(action, team_id=team_id, target=target, details=details, actor=actor)
    )
