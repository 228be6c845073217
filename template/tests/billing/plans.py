"""The plans that the tests buy, whatever yours are."""

import pytest

from core.billing.catalog import CATALOG
from core.billing.plans import Plan

SEATS = [
    plan
    for plan in CATALOG.plans
    if plan.sells_seats and {"month", "year"} <= {price.interval for price in plan.prices}
]
TRIED = [plan for plan in SEATS if plan.trial_days > 3 and (plan.seat_limit or 9) >= 4]


def two_plans() -> tuple[Plan, Plan]:
    """One with a trial, and a dearer one; both with seats, monthly and yearly, in dollars."""
    for small in TRIED:
        for large in SEATS:
            if cost(large) > cost(small):
                return small, large
    pytest.skip("no two plans with seats and a trial are sold", allow_module_level=True)


def cost(plan: Plan) -> int:
    """What a month costs in dollars; nothing where it is not sold for them."""
    try:
        return plan.price("month", "usd").amount
    except LookupError:
        return 0


SMALL, LARGE = two_plans()
METERED = next(iter(SMALL.metered), "")
ONCE = [each.code for each in CATALOG.one_time if "usd" in each.amounts]
