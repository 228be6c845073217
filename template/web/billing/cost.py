"""What a subscription costs, by the price that it was chosen at, which the plans may not have now.

A price never changes at Stripe, so what was learnt of one is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.core.cache import cache

from core.billing.money import Money
from core.env import get_settings
from core.problems import Problem
from web.billing.desk import waits
from web.billing.models import Subscription

log = structlog.get_logger()
KEPT = 7 * 24 * 3600  # seconds
# Up to how many seats (None: all others), for all of them together, and for each.
Tier = tuple[int | None, int, int]


def cost_of(subscription: Subscription | None) -> Money | None:
    """What one interval costs, without usage and taxes; None if that is not known now."""
    if subscription is None or not get_settings().sells:
        return None
    key = f"billing-price:{subscription.price_id}"
    tiers: Sequence[Tier] | None = cache.get(key)
    if tiers is None:
        try:
            tiers = tiers_of(subscription.price_id)
        except Problem:  # enough others wait for Stripe
            return None
        if tiers is None:
            return None
        cache.set(key, tiers, KEPT)
    return Money(total(tiers, subscription.quantity), subscription.currency)


@waits
def tiers_of(price_id: str) -> list[Tier] | None:
    """A price as Stripe has it; None if Stripe does not tell."""
    import stripe

    from core.billing.stripe_client import stripe_client

    try:
        price = stripe_client().v1.prices.retrieve(price_id, {"expand": ["tiers"]})
    except stripe.StripeError as error:
        log.warning("price_unknown", price=price_id, error=str(error))
        return None
    if not price.tiers:
        return [(None, 0, price.unit_amount or 0)]
    return [(tier.up_to, tier.flat_amount or 0, tier.unit_amount or 0) for tier in price.tiers]


def total(tiers: Sequence[Tier], quantity: int) -> int:
    """What so many cost, one tier after the other (Stripe's documentation: "Graduated pricing")."""
    amount, below = 0, 0
    for up_to, flat, each in tiers:
        if quantity <= below and below:
            break
        top = quantity if up_to is None else min(quantity, up_to)
        amount += flat + (top - below) * each
        below = top if up_to is None else up_to
    return amount
