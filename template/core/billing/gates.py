"""What a team's plan does not allow is answered with 402 and what to do about it."""

from collections.abc import Sequence

from core.billing.catalog import CATALOG
from core.billing.entitlements import Entitlements
from core.billing.plans import Plan
from core.billing.words import listed, lower, word
from core.problems import Problem
from core.product.plans import FEATURES


def require_feature(entitled: Entitlements, feature: str) -> None:
    """Raises 402 if the team's plan has no such feature."""
    if entitled.may_use(feature):
        return
    plans = CATALOG.upgrades(feature)
    raise Problem(
        402,
        "plan-required",
        "Your plan does not have this",
        f"“{word(feature)}” is part of {named(plans)}." if plans else "No plan has it now.",
        extra={"feature": feature, "plans": [plan.code for plan in plans]},
    )


def require_room(entitled: Entitlements, limit: str, used: int) -> None:
    """Raises 402 if one more of something does not fit into the team's plan."""
    if entitled.has_room(limit, used):
        return
    most = entitled.limit(limit)
    plans = [plan for plan in CATALOG.plans if plan.limits.get(limit, used + 1) > used]
    more = f" {named(plans)} {'has' if len(plans) == 1 else 'have'} room for more." if plans else ""
    raise Problem(
        402,
        "limit-reached",
        "Your plan has no room for more",
        f"The plan {entitled.plan.name} has room for {most} {lower(word(limit))}.{more}",
        extra={"limit": limit, "most": most, "plans": [plan.code for plan in plans]},
    )


def named(plans: Sequence[Plan]) -> str:
    """The plans, as a part of a sentence."""
    return listed([plan.name for plan in plans])


def feature_for(name: str) -> str | None:
    """The feature that an operation or page needs; None if every plan has it."""
    return FEATURES.get(name)
