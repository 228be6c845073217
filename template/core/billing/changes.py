"""Changes of the plan: at once, for what the rest of the period costs more or less.

What is billed by use is never taken off a subscription: Stripe would forget what was used and not
billed yet. A plan without it adds nothing to it any more. With another interval it takes on that
interval's price, and Stripe bills at that moment what was used up to then.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe

from core.billing.checkout import offered, prices_named
from core.billing.customers import (
    LOCK_TEAM,
    customer_of,
    pay_at,
    payment_due,
    running_subscription,
)
from core.billing.database import CustomerRow
from core.billing.mirror import plan_item, reference
from core.billing.money import Money
from core.billing.plans import Plan, Price
from core.billing.refresh import refresh_subscription
from core.billing.schemas import PlanChange
from core.billing.seats import count_members, desired_quantity, require_fit
from core.billing.shop import Shop, TeamFacts, conflict, explained
from core.billing.usage import carry_over

# How Stripe says that the bank wants to hear from the person who pays.
ASKS_PERSON = frozenset({"authentication_required", "subscription_payment_intent_requires_action"})


@dataclass(frozen=True)
class Preview:
    """What a change costs.

    Parameters
    ----------
    due_now
        What the card is charged at once, with taxes.
    credit
        What is given back instead: it counts against the next invoices.
    per_period
        What the plan costs from then on, with these seats, without taxes and what is used.
    ends_trial
        Whether the trial ends, because the plan has none.
    renews_at
        When the next period is paid for.
    """

    plan: Plan
    price: Price
    seats: int
    due_now: Money
    credit: Money
    per_period: Money
    ends_trial: bool
    renews_at: datetime


@dataclass(frozen=True)
class Arrangement:
    """A change, worked out."""

    customer: CustomerRow
    subscription: stripe.Subscription
    plan: Plan
    price: Price
    seats: int
    items: list[dict[str, Any]]
    ends_trial: bool
    # Whether a new period begins with it.
    moves_period: bool


@explained
def preview_change(shop: Shop, team: TeamFacts, wanted: PlanChange) -> Preview:
    """What a change would cost; raises the same problems as the change."""
    change = arrange(shop, team, wanted)
    subscription, currency = change.subscription, change.price.currency
    nothing = Money(0, currency)
    due, credit, renews_at = nothing, nothing, period_end(change.subscription)
    # A trial that goes on costs nothing now; Stripe would answer what its end costs.
    if change.items and (subscription.status != "trialing" or change.ends_trial):
        details: dict[str, Any] = {
            "items": change.items,
            "proration_behavior": "always_invoice",
            **({"trial_end": "now"} if change.ends_trial else {}),
        }
        spec: Any = {
            "customer": change.customer.stripe_id,
            "subscription": subscription.id,
            "subscription_details": details,
        }
        invoice = shop.client.v1.invoices.create_preview(spec)
        due = Money(invoice.amount_due, currency)
        credit = Money(max(0, -invoice.total), currency)
        if change.moves_period or change.ends_trial:
            ends = [line.period.end for line in invoice.lines.data]
            renews_at = datetime.fromtimestamp(max(ends, default=invoice.created), UTC)
    return Preview(
        plan=change.plan,
        price=change.price,
        seats=change.seats,
        due_now=due,
        credit=credit,
        per_period=change.price.total(change.seats, change.plan.included_seats),
        ends_trial=change.ends_trial,
        renews_at=renews_at,
    )


@explained
def change_plan(shop: Shop, team: TeamFacts, wanted: PlanChange) -> str | None:
    """Change to another plan or interval at once.

    What the rest of the period costs more is charged now, and nothing changes if that fails (402).
    What it costs less counts against the next invoices. Raises 409 without a subscription that
    runs, and 402 if the team is too large for the plan.

    Answers where the person has to confirm the payment to their bank; None if nobody asks for it.
    Then the plan is changed already, and as long as nobody confirms a payment is due.
    """
    # Who joins meanwhile waits, and then finds the plan that has room for them or has not.
    shop.execute(LOCK_TEAM, {"team_id": team.id})
    change = arrange(shop, team, wanted)
    name, confirm_at = change.subscription.id, None
    if change.items:
        spec: dict[str, Any] = {
            "items": change.items,
            "proration_behavior": "always_invoice",
            **({"trial_end": "now"} if change.ends_trial else {}),
        }
        try:
            update(shop, name, {**spec, "payment_behavior": "error_if_incomplete"})
        except stripe.CardError as error:
            if error.code not in ASKS_PERSON:
                raise
            update(shop, name, {**spec, "payment_behavior": "allow_incomplete"})
            confirm_at = pay_at(shop.client, name)
        if change.moves_period and not change.ends_trial:
            carry_over(shop.execute, team.id)
    refresh_subscription(shop.execute, shop.client, change.customer, name)
    return confirm_at


def update(shop: Shop, subscription: str, spec: dict[str, Any]) -> None:
    """Change the subscription at Stripe. A repetition finds it changed, so it needs no key."""
    shop.client.v1.subscriptions.update(subscription, spec)  # type: ignore[arg-type]


def arrange(shop: Shop, team: TeamFacts, wanted: PlanChange) -> Arrangement:
    """Work out a change; the customer's row is locked afterwards."""
    customer = customer_of(shop, team)
    subscription = running_subscription(shop.client, customer)
    require_changeable(shop, subscription)
    plan, price = offered(shop, wanted.plan, wanted.interval, subscription.currency)
    members = count_members(shop.execute, team.id)
    require_fit(plan, members)
    found = plan_item(subscription, shop.names)
    if found is None:
        raise conflict(
            "other-subscription",
            "This subscription is not changed here",
            "It is to none of the plans. Write to us.",
        )
    code, item = found
    seats = desired_quantity(plan, members)
    former_interval = item.price.recurring.interval if item.price.recurring else ""
    moves_period = former_interval != price.interval
    items: list[dict[str, Any]] = []
    if (code, former_interval) != (plan.code, price.interval):
        (price_id,) = prices_named(shop, [shop.names.plan_price(plan, price)])
        items.append({"id": item.id, "price": price_id, "quantity": seats})
    elif item.quantity != seats:
        # The same plan at the price that was agreed, whatever it costs by now.
        items.append({"id": item.id, "quantity": seats})
    items += usage_items(shop, subscription, plan, price)
    return Arrangement(
        customer=customer,
        subscription=subscription,
        plan=plan,
        price=price,
        seats=seats,
        items=items,
        ends_trial=subscription.status == "trialing" and not plan.trial_days,
        moves_period=moves_period,
    )


def require_changeable(shop: Shop, subscription: stripe.Subscription) -> None:
    """Raises 409 for a subscription that is to be paid or resumed first."""
    if subscription.status in {"past_due", "unpaid", "paused", "incomplete"}:
        raise payment_due(shop.client, subscription)
    if subscription.cancel_at_period_end or subscription.cancel_at is not None:
        raise conflict(
            "ending",
            "The subscription is to end",
            "It was canceled. Take that back first, then change the plan.",
        )


def usage_items(
    shop: Shop, subscription: stripe.Subscription, plan: Plan, price: Price
) -> list[dict[str, Any]]:
    """What is to be done to the items that are billed by use."""
    present: dict[str, stripe.SubscriptionItem] = {}
    for item in subscription.items.data:
        present[reference(item.price.product)] = item
    changes: dict[str, dict[str, Any]] = {}
    for metered in shop.catalog.metered:
        if price.currency not in metered.unit_amounts:
            continue
        key = shop.names.usage_price(metered, price.interval, price.currency)
        found = present.get(shop.names.product("usage", metered.code))
        if found is None:
            if metered.code in plan.metered:
                changes[key] = {}
        elif found.price.recurring and found.price.recurring.interval != price.interval:
            changes[key] = {"id": found.id}
    names = prices_named(shop, list(changes)) if changes else []
    return [{**change, "price": name} for change, name in zip(changes.values(), names, strict=True)]


def period_end(subscription: stripe.Subscription) -> datetime:
    """When the period ends that is paid for."""
    ends = [item.current_period_end for item in subscription.items.data]
    return datetime.fromtimestamp(max(ends), UTC)
