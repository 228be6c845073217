"""What a team may do, for every status and to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.entitlements import (
    GRACE,
    RENEWAL_SLACK,
    Standing,
    Subscription,
    entitlements,
)
from tests.core.billing.catalog import CATALOG, FREE, PRO

NOW = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # as clocks in Europe are put forward
SECOND = timedelta(seconds=1)
ACTIVE = Subscription("pro", "active", 5, NOW + timedelta(days=10))
PAST_DUE = replace(ACTIVE, status="past_due", past_due_since=NOW)
STATUSES = (
    "trialing",
    "active",
    "past_due",
    "incomplete",
    "incomplete_expired",
    "canceled",
    "unpaid",
    "paused",
)
moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-7))]),
)
subscriptions = st.builds(
    Subscription,
    plan=st.sampled_from(["pro", "solo", "gone"]),
    status=st.sampled_from(STATUSES) | st.text(max_size=12),
    quantity=st.integers(0, 100),
    current_period_end=moments,
    trial_end=st.none() | moments,
    cancel_at=st.none() | moments,
    ended_at=st.none() | moments,
    past_due_since=st.none() | moments,
)


def test_a_team_without_a_subscription_has_the_free_plan() -> None:
    found = entitlements(CATALOG, None, NOW)
    assert (found.plan, found.standing, found.until) == (FREE, Standing.FREE, None)


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("trialing", Standing.TRIAL),
        ("active", Standing.ACTIVE),
        ("past_due", Standing.GRACE),
        ("incomplete", Standing.SUSPENDED),
        ("incomplete_expired", Standing.FREE),
        ("canceled", Standing.FREE),
        ("unpaid", Standing.SUSPENDED),
        ("paused", Standing.SUSPENDED),
        ("a_status_of_next_year", Standing.SUSPENDED),
        ("", Standing.SUSPENDED),
    ],
)
def test_each_status_has_its_standing(status: str, standing: Standing) -> None:
    found = entitlements(CATALOG, replace(PAST_DUE, status=status), NOW)
    assert found.standing == standing
    entitled = standing in {Standing.TRIAL, Standing.ACTIVE, Standing.GRACE}
    assert found.plan == (PRO if entitled else FREE)


@pytest.mark.parametrize("grace", [timedelta(0), timedelta(hours=1), GRACE])
def test_grace_ends_to_the_second(grace: timedelta) -> None:
    for late, plan in ((grace - SECOND, PRO), (grace, FREE), (grace + SECOND, FREE)):
        if late >= timedelta(0):
            found = entitlements(CATALOG, PAST_DUE, NOW + late, grace=grace)
            assert found.plan == plan
    if grace:
        assert entitlements(CATALOG, PAST_DUE, NOW, grace=grace).until == NOW + grace


def test_grace_survives_the_end_of_the_period() -> None:
    subscription = replace(PAST_DUE, current_period_end=NOW - timedelta(days=3))
    assert entitlements(CATALOG, subscription, NOW).plan == PRO


def test_without_a_beginning_there_is_no_grace() -> None:
    assert entitlements(CATALOG, replace(PAST_DUE, past_due_since=None), NOW).plan == FREE


def test_a_cancellation_takes_effect_to_the_second() -> None:
    end = NOW + timedelta(days=10)
    for subscription in (replace(ACTIVE, cancel_at=end), replace(PAST_DUE, cancel_at=end)):
        before = entitlements(CATALOG, subscription, end - SECOND, grace=timedelta(days=99))
        assert (before.plan, before.until) == (PRO, end)
        assert entitlements(CATALOG, subscription, end, grace=timedelta(days=99)).plan == FREE


def test_late_news_of_a_renewal_stops_nobody() -> None:
    end = ACTIVE.current_period_end
    assert entitlements(CATALOG, ACTIVE, end + RENEWAL_SLACK - SECOND).plan == PRO
    assert entitlements(CATALOG, ACTIVE, end + RENEWAL_SLACK).plan == FREE


def test_a_trial_says_when_it_ends() -> None:
    trial = replace(ACTIVE, status="trialing", trial_end=NOW + timedelta(days=10))
    assert entitlements(CATALOG, trial, NOW).until == trial.trial_end


def test_a_plan_that_is_gone_entitles_to_nothing() -> None:
    found = entitlements(CATALOG, replace(ACTIVE, plan="gone"), NOW)
    assert (found.plan, found.standing) == (FREE, Standing.SUSPENDED)


def test_features_limits_and_seats_are_those_of_the_plan() -> None:
    pro, free = entitlements(CATALOG, ACTIVE, NOW), entitlements(CATALOG, None, NOW)
    assert (pro.may_use("export"), free.may_use("export")) == (True, False)
    assert (pro.limit("projects"), free.limit("projects"), pro.limit("moons")) == (10, 1, None)
    assert (pro.has_room("projects", 9), pro.has_room("projects", 10)) == (True, False)
    assert pro.has_room("moons", 10**9)
    assert (pro.seat_limit, free.seat_limit) == (20, 2)


@given(subscriptions, moments)
def test_nobody_is_entitled_after_the_end(subscription: Subscription, now: datetime) -> None:
    found = entitlements(CATALOG, subscription, now)
    ends = [end for end in (subscription.ended_at, subscription.cancel_at) if end and end <= now]
    if ends or subscription.status not in {"trialing", "active", "past_due"}:
        assert found.plan == FREE
    if found.plan != FREE and found.until is not None:
        assert found.plan.code == subscription.plan


@given(subscriptions, moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_time_alone_never_gives_anything_back(
    subscription: Subscription, now: datetime, later: timedelta
) -> None:
    """Without news, who is not entitled now is not entitled later."""
    if entitlements(CATALOG, subscription, now).plan == FREE:
        assert entitlements(CATALOG, subscription, now + later).plan == FREE


@given(subscriptions, moments)
def test_the_time_zone_of_a_moment_changes_nothing(
    subscription: Subscription, now: datetime
) -> None:
    def moved(moment: datetime | None) -> datetime | None:
        return moment and moment.astimezone(ZoneInfo("Asia/Kathmandu"))

    elsewhere = replace(
        subscription,
        current_period_end=subscription.current_period_end.astimezone(UTC),
        trial_end=moved(subscription.trial_end),
        cancel_at=moved(subscription.cancel_at),
        ended_at=moved(subscription.ended_at),
        past_due_since=moved(subscription.past_due_since),
    )
    assert entitlements(CATALOG, elsewhere, now.astimezone(ZoneInfo("America/New_York"))) == (
        entitlements(CATALOG, subscription, now)
    )


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="no time zone"):
        entitlements(CATALOG, ACTIVE, naive)
    for name in ("current_period_end", "trial_end", "cancel_at", "ended_at", "past_due_since"):
        with pytest.raises(ValueError, match="no time zone"):
            replace(ACTIVE, **{name: naive})  # type: ignore[arg-type]
