"""Put one of these into a route below `/teams/{team_id}`, and the team's plan decides.

    @router.get("/teams/{team_id}/reports", dependencies=[requires_feature("reports")])
    async def list_reports(team: CurrentTeam, entitled: CurrentEntitlements) -> ...: ...

Operations of `/api/v1` need neither: `FEATURES` in `core/product/plans.py` names what they need.
"""

from typing import Annotated, Any

from fastapi import Depends

from core.billing.entitlements import Entitlements
from core.billing.gates import require_feature
from service.billing.entitlements import read_entitlements
from service.pool import CurrentPool
from service.teams.dependencies import CurrentTeam


async def current_entitlements(team: CurrentTeam, pool: CurrentPool) -> Entitlements:
    """What the team of the path may do now."""
    return await read_entitlements(pool, team.id)


CurrentEntitlements = Annotated[Entitlements, Depends(current_entitlements)]


def requires_feature(feature: str) -> Any:
    """For the `dependencies=` of a route: answers 402 where the team's plan has no such feature.

    Who is not in the team is answered 404 before.
    """

    async def check(entitled: CurrentEntitlements) -> None:
        require_feature(entitled, feature)

    return Depends(check)
