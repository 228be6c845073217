"""What a team's plan does not allow is answered with 402 and what to do about it."""

from core.billing.entitlements import Entitlements
from core.problems import Problem
from core.product.plans import CATALOG, FEATURES


def require_feature(entitled: Entitlements, feature: str) -> None:
    """Raises 402 if the team's plan has no such feature."""
    if entitled.may_use(feature):
        return
    plans = [plan.name for plan in CATALOG.upgrades(feature)]
    raise Problem(
        402,
        "plan-required",
        "Your plan does not have this",
        f"It is part of {' and '.join(plans)}." if plans else "No plan has it now.",
        extra={"feature": feature, "plans": [plan.code for plan in CATALOG.upgrades(feature)]},
    )


def require_room(entitled: Entitlements, limit: str, used: int) -> None:
    """Raises 402 if one more of something does not fit into the team's plan."""
    if entitled.has_room(limit, used):
        return
    raise Problem(
        402,
        "limit-reached",
        "Your plan has no room for more",
        f"The plan {entitled.plan.name} has room for {entitled.limit(limit)}.",
        extra={"limit": limit, "most": entitled.limit(limit)},
    )


def feature_for(name: str) -> str | None:
    """The feature that an operation or page needs; None if every plan has it."""
    return FEATURES.get(name)
