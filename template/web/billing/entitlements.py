"""What a team may do now, asked by Django."""

from core.billing.entitlements import Entitlements
from core.billing.gates import feature_for, require_feature
from core.billing.state import CURRENT_SUBSCRIPTION, entitlements_from
from web.queue import CurrentTransaction


def entitlements_of(team_id: int) -> Entitlements:
    """What a team may do now."""
    return entitlements_from(
        CurrentTransaction().execute(CURRENT_SUBSCRIPTION, {"team_id": team_id})
    )


def check_plan(team_id: int, name: str) -> None:
    """Raises 402 if an operation or page of this name is not in the team's plan."""
    if feature := feature_for(name):
        require_feature(entitlements_of(team_id), feature)
