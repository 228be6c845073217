"""What a team may do now, asked by the service."""

from psycopg.rows import tuple_row
from sqlalchemy.ext.asyncio import AsyncSession

from core.billing.entitlements import Entitlements
from core.billing.gates import feature_for, require_feature
from core.billing.state import CURRENT_SUBSCRIPTION, entitlements_from
from service.pool import CurrentPool


async def entitlements_of(session: AsyncSession, team_id: int) -> Entitlements:
    """What a team may do now, as the session's transaction sees it."""
    connection = await session.connection()
    result = await connection.exec_driver_sql(CURRENT_SUBSCRIPTION, {"team_id": team_id})
    return entitlements_from(result.all())


async def read_entitlements(pool: CurrentPool, team_id: int) -> Entitlements:
    """What a team may do now, outside of any transaction."""
    async with pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(CURRENT_SUBSCRIPTION, {"team_id": team_id})
        return entitlements_from(await cursor.fetchall())


async def check_plan(pool: CurrentPool, team_id: int, name: str) -> None:
    """Raises 402 if an operation of this name is not in the team's plan."""
    if feature := feature_for(name):
        require_feature(await read_entitlements(pool, team_id), feature)
