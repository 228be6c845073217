"""What a team may do now, from its own rows. Each stack reads them in its own way."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.billing.catalog import CATALOG
from core.billing.entitlements import Entitlements, Subscription, entitlements
from core.billing.plans import Catalog
from core.env import get_settings

# The one that runs, else the newest.
CURRENT_SUBSCRIPTION = """
    SELECT subscription.plan, subscription.status, subscription.quantity,
           subscription.current_period_end, subscription.trial_end, subscription.cancel_at,
           subscription.ended_at, subscription.past_due_since
    FROM billing_subscription AS subscription
    JOIN billing_customer AS customer ON customer.id = subscription.customer_id
    WHERE customer.team_id = %(team_id)s
    ORDER BY (subscription.ended_at IS NULL) DESC, subscription.created_at DESC,
             subscription.id DESC
    LIMIT 1
"""


def subscription_of(rows: Sequence[Sequence[Any]]) -> Subscription | None:
    """What `CURRENT_SUBSCRIPTION` answered."""
    return Subscription(*rows[0]) if rows else None


def entitlements_from(
    rows: Sequence[Sequence[Any]], now: datetime | None = None, catalog: Catalog = CATALOG
) -> Entitlements:
    """What a team may do, by what `CURRENT_SUBSCRIPTION` answered."""
    grace = timedelta(days=get_settings().billing_grace_days)
    return entitlements(catalog, subscription_of(rows), now or datetime.now(UTC), grace=grace)
