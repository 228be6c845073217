"""Seats: how many a team's subscription should have. A count of what is, never an increment."""

from core.billing.plans import Plan


def desired_quantity(plan: Plan, members: int) -> int:
    """The quantity that the subscription's price should have at Stripe.

    A plan whose seats cannot be added is one thing, however many members there are. One whose seats
    can be added counts them all: its price takes nothing extra for those that are included.
    """
    return max(1, members) if plan.sells_seats else 1


def has_room(plan: Plan, members: int) -> bool:
    """Whether one more member fits."""
    return plan.seat_limit is None or members < plan.seat_limit


def fits(plan: Plan, members: int) -> bool:
    """Whether a team of this size can have the plan, as when it changes to a smaller one."""
    return plan.seat_limit is None or members <= plan.seat_limit
