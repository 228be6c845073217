"""Seats: how many a team's subscription should have. A count of what is, never an increment."""

from typing import TYPE_CHECKING

from core.billing.catalog import CATALOG
from core.billing.plans import Catalog, Names, Plan
from core.problems import Problem
from core.project import project

if TYPE_CHECKING:  # half a second, which pages that only ask for room need not wait for
    import stripe

    from core.outbox.write import Execute

# A subscription in another state keeps its seats until it is in one of these.
HAS_SEATS = frozenset({"trialing", "active", "past_due"})
COUNT_MEMBERS = "SELECT count(*) FROM teams_membership WHERE team_id = %(team_id)s"


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


def require_fit(plan: Plan, members: int) -> None:
    """Raises 402 if the team has more members than the plan has room for."""
    if fits(plan, members):
        return
    raise Problem(
        402,
        "limit-reached",
        "The team is too large for this plan",
        f"The plan {plan.name} has room for {plan.seat_limit}, and the team has {members}. "
        "Choose a larger plan, or remove members first.",
        extra={"limit": "seats", "most": plan.seat_limit},
    )


def count_members(execute: "Execute", team_id: int) -> int:
    """How many people are in the team now.

    Whoever joins or leaves after this asks for `SyncSeats`, which counts again.
    """
    return int(execute(COUNT_MEMBERS, {"team_id": team_id})[0][0])


def sync_seats(
    execute: "Execute",
    client: "stripe.StripeClient",
    team_id: int,
    catalog: Catalog = CATALOG,
) -> None:
    """Let the team's subscription have as many seats as the team has members.

    What a seat costs or gives back for the rest of the period stands on the next invoice. Nothing
    is asked of Stripe for a team without a subscription, and nothing changed that is right.
    """
    from core.billing.customers import running, subscriptions_of
    from core.billing.database import lock_customer
    from core.billing.mirror import plan_item
    from core.billing.refresh import refresh_subscription

    customer = lock_customer(execute, team_id=team_id)
    if customer is None:
        return
    subscription = running(subscriptions_of(client, customer))
    found = plan_item(subscription, Names(project.slug)) if subscription else None
    if subscription is None or found is None or subscription.status not in HAS_SEATS:
        return
    code, item = found
    try:
        plan = catalog.plan(code)
    except LookupError:
        return  # it was taken out of the plans; what was agreed stays
    quantity = desired_quantity(plan, count_members(execute, team_id))
    if item.quantity == quantity:
        return
    client.v1.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item.id, "quantity": quantity}],
            "proration_behavior": "create_prorations",
        },
    )
    refresh_subscription(execute, client, customer, subscription.id)
