"""What is used is counted in the transaction that uses it, and reported once."""

from datetime import UTC, datetime, timedelta

import pytest

from core.billing import usage
from core.billing.shop import TeamFacts
from core.billing.tasks import ReportUsage
from core.outbox import GiveUp
from tests.core.billing.actions.office import Office
from tests.core.billing.catalog import CATALOG

NOW = datetime(2027, 1, 15, 9, tzinfo=UTC)


def told(office: Office, team: TeamFacts) -> list[int]:
    """What Stripe was told of a team."""
    return [int(event["payload"]["value"]) for event in office.truth(team)["meter_events"]]


def test_usage_is_counted_with_what_uses_it_or_not_at_all(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    usage.record(office.execute, team.id, "calls", 3, CATALOG)
    office.connection.rollback()
    assert office.report_usage() == 0
    office.use(team, 2)
    office.use(team, 3)
    assert office.billing(team).usage[0].used == 5
    assert office.report_usage() == 1
    assert told(office, team) == [5]
    assert office.report_usage() == 0


def test_a_report_is_asked_for_in_the_transaction_that_makes_it(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    office.use(team, 2)
    assert usage.collect(office.execute, NOW) == 1
    office.connection.rollback()
    assert office.asked(ReportUsage) == []
    with office.shop() as shop:
        assert usage.collect(shop.execute, NOW) == 1
    assert len(office.asked(ReportUsage)) == 1
    with office.shop() as shop:
        assert usage.collect(shop.execute, NOW) == 0


def test_a_report_is_counted_once_however_often_it_is_sent(office: Office) -> None:
    """As when our transaction fails after Stripe took it, or Stripe's answer is lost."""
    team = office.team()
    office.subscribe(team, "pro")
    office.use(team, 7)
    with office.shop() as shop:
        usage.collect(shop.execute, NOW)
    ((report_id,),) = office.rows("SELECT id FROM billing_usagereport")
    for _ in range(2):
        usage.report(office.execute, office.client, report_id)
        office.connection.rollback()
    with office.shop() as shop:
        usage.report(shop.execute, shop.client, report_id)
        usage.report(shop.execute, shop.client, report_id)
    assert told(office, team) == [7]
    assert office.report_usage() == 0


def test_only_what_a_plan_bills_is_reported(office: Office) -> None:
    free, solo, pro = office.team(), office.team(), office.team()
    office.subscribe(solo, "solo")
    office.use(free, 1)
    office.use(solo, 2)
    office.use(pro, 4)  # before it subscribes
    office.subscribe(pro, "pro")
    office.use(pro, 8)
    office.report_usage()
    assert told(office, pro) == [8]
    assert told(office, solo) == []


def test_a_report_belongs_to_one_period(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    for quantity, days in ((1, -1), (2, 1), (4, 40)):
        office.use(team, quantity)
        office.rows(
            "UPDATE billing_usage SET occurred_at = now() + %(shift)s"
            " WHERE quantity = %(quantity)s",
            shift=timedelta(days=days),
            quantity=quantity,
        )
    with office.shop() as shop:
        assert usage.collect(shop.execute, NOW) == 3
    quantities = office.rows("SELECT quantity FROM billing_usagereport ORDER BY occurred_at")
    assert [row[0] for row in quantities] == [1, 2, 4]


@pytest.mark.parametrize(
    ("occurred", "trial", "counts"),
    [
        (timedelta(minutes=5), False, timedelta(minutes=5)),
        (timedelta(minutes=-5), False, timedelta()),
        (timedelta(minutes=-5), True, timedelta(minutes=-5)),
    ],
)
def test_what_is_too_late_for_its_period_counts_in_the_next(
    occurred: timedelta, trial: bool, counts: timedelta
) -> None:
    start = NOW - timedelta(hours=2)
    report = usage.Report(
        1, "cus_1", "calls", 1, "id", start + occurred, NOW, start, start if trial else None
    )
    assert report.counts_at == start + counts


def test_what_is_a_little_late_counts_in_its_period() -> None:
    start = NOW - timedelta(minutes=10)
    before = start - timedelta(minutes=5)
    assert usage.Report(1, "cus_1", "calls", 1, "id", before, NOW, start).counts_at == before


def test_what_is_late_counts_in_the_period_that_nobody_has_heard_of_yet() -> None:
    """As when no worker ran for hours, and then the usage is reported before the news are read."""
    began, renewed = NOW - timedelta(days=30), NOW - timedelta(hours=2)
    used = renewed - timedelta(minutes=5)
    report = usage.Report(1, "cus_1", "calls", 1, "id", used, NOW, began, None, renewed)
    assert report.counts_at == renewed
    trial = usage.Report(1, "cus_1", "calls", 1, "id", used, NOW, began, renewed, renewed)
    assert trial.counts_at == used


def test_what_is_months_late_is_billed_now(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro", "month")
    office.use(team, 6)
    office.rows("UPDATE billing_usage SET occurred_at = now() - interval '90 days'")
    office.report_usage()
    assert told(office, team) == [6]


def test_what_nobody_can_be_told_of_is_given_up(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    office.use(team, 6)
    with office.shop() as shop:
        usage.collect(shop.execute, NOW)
    office.rows("UPDATE billing_customer SET stripe_id = 'cus_unknown'")
    ((report_id,),) = office.rows("SELECT id FROM billing_usagereport")
    with pytest.raises(GiveUp), office.shop() as shop:
        usage.report(shop.execute, shop.client, report_id)


def test_only_what_is_in_the_plans_is_counted() -> None:
    for meter, quantity in (("nothing", 1), ("calls", 0), ("calls", -1)):
        with pytest.raises((LookupError, ValueError)):
            usage.usage_parameters(1, meter, quantity, CATALOG)
