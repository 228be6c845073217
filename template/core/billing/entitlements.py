"""What a team may do now, from what is known of its subscription. Pure, and exact to the second.

| status | entitled to its plan |
| --- | --- |
| `trialing`, `active` | until RENEWAL_SLACK after its period, if no news of a renewal came |
| `past_due` | for `grace` since its payment first failed |
| any other, also one that is not known here | not at all |

Whoever is not entitled to a plan has the free one. Nobody is entitled after `ended_at` or from
`cancel_at` on, whatever the status still says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.billing.plans import Catalog, Plan

GRACE = timedelta(days=7)
# Stripe makes the invoice of a new period up to an hour after it began, and news may be late.
RENEWAL_SLACK = timedelta(days=1)
RUNNING = frozenset({"trialing", "active"})


class Standing(StrEnum):
    """How a team stands, for pages."""

    FREE = "free"  # never subscribed, or what it had is over
    TRIAL = "trial"
    ACTIVE = "active"
    GRACE = "grace"  # a payment failed; it has to be mended by `until`
    SUSPENDED = "suspended"  # there is a subscription, and it entitles to nothing


@dataclass(frozen=True)
class Subscription:
    """What our own table knows of a team's subscription. Moments have a time zone."""

    plan: str
    status: str
    quantity: int
    current_period_end: datetime
    trial_end: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    past_due_since: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (
            self.current_period_end,
            self.trial_end,
            self.cancel_at,
            self.ended_at,
            self.past_due_since,
        ):
            if moment is not None:
                check_aware(moment)


@dataclass(frozen=True)
class Entitlements:
    """What a team may do."""

    plan: Plan
    standing: Standing
    # The moment at which this ends unless something happens; None if nothing is known to end it.
    until: datetime | None = None

    def may_use(self, feature: str) -> bool:
        """Whether the plan has this feature."""
        return feature in self.plan.features

    def limit(self, name: str) -> int | None:
        """How much of something there can be; None for no limit."""
        return self.plan.limits.get(name)

    def has_room(self, name: str, used: int) -> bool:
        """Whether one more fits."""
        limit = self.limit(name)
        return limit is None or used < limit

    @property
    def seat_limit(self) -> int | None:
        """How many members there can be; None for no limit."""
        return self.plan.seat_limit


def entitlements(
    catalog: Catalog,
    subscription: Subscription | None,
    now: datetime,
    *,
    grace: timedelta = GRACE,
) -> Entitlements:
    """What a team with this subscription, or with none, may do now."""
    check_aware(now)
    free = Entitlements(catalog.free, Standing.FREE)
    if subscription is None or is_over(subscription, now):
        return free
    end = end_of(subscription, grace)
    if end is None or now >= end:
        return Entitlements(catalog.free, Standing.SUSPENDED)
    try:
        plan = catalog.plan(subscription.plan)
    except LookupError:  # it was taken out of the plans while somebody still had it
        return Entitlements(catalog.free, Standing.SUSPENDED)
    return Entitlements(plan, standing_of(subscription), announced_end(subscription, end))


def is_over(subscription: Subscription, now: datetime) -> bool:
    """Whether it ended, or was to end by now."""
    ends = (subscription.ended_at, subscription.cancel_at)
    return subscription.status in {"canceled", "incomplete_expired"} or any(
        end is not None and now >= end for end in ends
    )


def end_of(subscription: Subscription, grace: timedelta) -> datetime | None:
    """The first moment at which it no longer entitles; None if it does not even now."""
    if subscription.status == "past_due":
        since = subscription.past_due_since
        return None if since is None else since + grace
    if subscription.status not in RUNNING:
        return None
    return subscription.current_period_end + RENEWAL_SLACK


def standing_of(subscription: Subscription) -> Standing:
    """How a team with a subscription that entitles stands."""
    by_status: Mapping[str, Standing] = {
        "trialing": Standing.TRIAL,
        "past_due": Standing.GRACE,
    }
    return by_status.get(subscription.status, Standing.ACTIVE)


def announced_end(subscription: Subscription, end: datetime) -> datetime | None:
    """The end that people should hear of: it is not one that a subscription simply renews at."""
    if subscription.status == "past_due":
        return min(end, subscription.cancel_at) if subscription.cancel_at else end
    if subscription.cancel_at is not None:
        return subscription.cancel_at
    return subscription.trial_end if subscription.status == "trialing" else None


def check_aware(moment: datetime) -> None:
    """Refuse moments that do not say where on Earth they are."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone")
