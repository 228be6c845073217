"""What a team does about its subscription, besides paying: `checkout.py` and `changes.py` do that.

All of it asks Stripe how things are, under the lock of the customer's row: our own tables may not
have heard of it yet. Repeating an action changes nothing more.
"""

from typing import Literal

import stripe

from core.billing.customers import customer_of, running_subscription
from core.billing.refresh import refresh_subscription
from core.billing.shop import Shop, TeamFacts, conflict, explained
from core.billing.sync import find_portal
from core.problems import unavailable

PortalPage = Literal["everything", "card"]


@explained
def open_portal(
    shop: Shop, team: TeamFacts, return_url: str, page: PortalPage = "everything"
) -> str:
    """The address of Stripe's customer portal; "card" leads to another card and back."""
    customer = customer_of(shop, team)
    configuration = find_portal(shop.client, shop.names.project)
    if configuration is None:
        raise unavailable("The customer portal is not set up: `just billing-sync` was not run.")
    spec: dict[str, object] = {
        "customer": customer.stripe_id,
        "configuration": configuration.id,
        "return_url": return_url,
    }
    if page == "card":
        spec["flow_data"] = {"type": "payment_method_update"}
    session = shop.client.v1.billing_portal.sessions.create(spec)  # type: ignore[arg-type]
    return session.url


@explained
def cancel(shop: Shop, team: TeamFacts) -> None:
    """Let the subscription end with its period; what was paid stays usable until then."""
    customer = customer_of(shop, team)
    subscription = running_subscription(shop.client, customer)
    if not is_to_end(subscription):
        shop.client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    refresh_subscription(shop.execute, shop.client, customer, subscription.id)


@explained
def resume(shop: Shop, team: TeamFacts) -> None:
    """Take back that the subscription is to end."""
    customer = customer_of(shop, team)
    subscription = running_subscription(shop.client, customer)
    if subscription.status == "paused":
        raise conflict(
            "payment-due",
            "A card is missing",
            "The trial ended without a card. Add one in the customer portal.",
        )
    if subscription.cancel_at_period_end:
        shop.client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    elif subscription.cancel_at is not None:
        # Stripe's portal may have set a moment instead.
        shop.client.v1.subscriptions.update(subscription.id, {"cancel_at": ""})
    refresh_subscription(shop.execute, shop.client, customer, subscription.id)


def is_to_end(subscription: stripe.Subscription) -> bool:
    """Whether it was canceled to a date."""
    return subscription.cancel_at_period_end or subscription.cancel_at is not None
