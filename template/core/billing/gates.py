"""What a team's plan does not allow is answered with 402 and what to do about it."""

from collections.abc import Sequence

from core.billing.catalog import CATALOG
from core.billing.entitlements import Entitlements
from core.billing.plans import Plan
from core.billing.seats import has_room
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
    plans = [plan for plan in CATALOG.plans if plan.limits.get(limit, used + 1) > used]
    raise no_room(entitled, limit, entitled.limit(limit), lower(word(limit)), plans)


def require_seat(entitled: Entitlements, taken: int) -> None:
    """Raises 402 if one more member does not fit into the team's plan."""
    if has_room(entitled.plan, taken):
        return
    most = entitled.seat_limit
    plans = [plan for plan in CATALOG.plans if has_room(plan, taken)]
    raise no_room(entitled, "seats", most, "member" if most == 1 else "members", plans)


def no_room(
    entitled: Entitlements, limit: str, most: int | None, things: str, plans: Sequence[Plan]
) -> Problem:
    """402: no more of these; `plans` have room for more."""
    more = f" {named(plans)} {'has' if len(plans) == 1 else 'have'} room for more." if plans else ""
    return Problem(
        402,
        "limit-reached",
        "Your plan has no room for more",
        f"The plan {entitled.plan.name} has room for {most} {things}.{more}",
        extra={"limit": limit, "most": most, "plans": [plan.code for plan in plans]},
    )


def named(plans: Sequence[Plan]) -> str:
    """The plans, as a part of a sentence."""
    return listed([plan.name for plan in plans])


def feature_for(name: str) -> str | None:
    """The feature that an operation or page needs; None if every plan has it."""
    return FEATURES.get(name)
