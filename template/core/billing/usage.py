"""What is billed by use: counted where it happens, reported to Stripe once.

A row of `billing_usage` is written in the transaction that uses something, so neither is there
without the other. Every few minutes what was counted becomes reports, one for each team and meter
and period, in the transaction that asks for the tasks that tell Stripe of them. A report has an
identifier, under which Stripe counts it once, however often it is told.

Only what the team's plan bills when it is used is billed; the rest is counted to be shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.billing.catalog import CATALOG
from core.billing.plans import Catalog, Names
from core.billing.tasks import ReportUsage
from core.outbox import GiveUp
from core.outbox.write import Execute, enqueue
from core.project import project

if TYPE_CHECKING:  # half a second, which whoever only counts need not wait for
    import stripe

# Stripe keeps the invoice of a period open for an hour after it, for news that are late.
LATE = timedelta(minutes=45)
# Stripe takes no moment that is longer ago than 35 days.
OLDEST = timedelta(days=34)

RECORD_USAGE = """
    INSERT INTO billing_usage (team_id, meter, quantity, occurred_at, is_billed)
    SELECT %(team_id)s, %(meter)s, %(quantity)s, now(), EXISTS (
        SELECT 1
        FROM billing_subscription AS subscription
        JOIN billing_customer AS customer ON customer.id = subscription.customer_id
        WHERE customer.team_id = %(team_id)s
          AND subscription.ended_at IS NULL
          AND subscription.status IN ('trialing', 'active', 'past_due')
          AND subscription.plan = ANY(%(plans)s::text[])
          AND subscription.currency = ANY(%(currencies)s::text[])
    )
"""
# Whoever is busy with a customer is not waited for: the next run takes what is left.
CLAIM_CUSTOMERS = """
    SELECT customer.id
    FROM billing_customer AS customer
    WHERE EXISTS (
        SELECT 1 FROM billing_usage AS usage
        WHERE usage.team_id = customer.team_id AND usage.is_billed AND usage.report_id IS NULL
    )
    ORDER BY customer.id
    FOR UPDATE SKIP LOCKED
"""
# A report does not reach over the border of a period, so each belongs to one invoice.
MAKE_REPORTS = """
    WITH open AS (
        SELECT usage.id, usage.meter, usage.quantity, usage.occurred_at, customer.id AS customer_id,
               coalesce(width_bucket(usage.occurred_at, ARRAY(
                   SELECT unnest(ARRAY[subscription.current_period_start,
                                       subscription.current_period_end])
                   FROM billing_subscription AS subscription
                   WHERE subscription.customer_id = customer.id AND subscription.ended_at IS NULL
                   ORDER BY 1
               )), 0) AS period
        FROM billing_usage AS usage
        JOIN billing_customer AS customer ON customer.team_id = usage.team_id
        WHERE customer.id = ANY(%(customers)s) AND usage.is_billed AND usage.report_id IS NULL
    ), total AS MATERIALIZED (
        SELECT customer_id, meter, period, sum(quantity) AS quantity,
               max(occurred_at) AS occurred_at, gen_random_uuid()::text AS identifier
        FROM open
        GROUP BY customer_id, meter, period
    ), report AS (
        INSERT INTO billing_usagereport
            (customer_id, meter, quantity, identifier, occurred_at, created_at)
        SELECT customer_id, meter, quantity, identifier, occurred_at, %(now)s FROM total
        RETURNING id, identifier
    ), taken AS (
        UPDATE billing_usage
        SET report_id = report.id
        FROM open
        JOIN total USING (customer_id, meter, period)
        JOIN report USING (identifier)
        WHERE billing_usage.id = open.id
    )
    SELECT id FROM report ORDER BY id
"""
READ_REPORT = """
    SELECT report.customer_id, customer.stripe_id, report.meter, report.quantity, report.identifier,
           report.occurred_at, now(), subscription.current_period_start, subscription.trial_end,
           subscription.current_period_end
    FROM billing_usagereport AS report
    JOIN billing_customer AS customer ON customer.id = report.customer_id
    LEFT JOIN billing_subscription AS subscription
           ON subscription.customer_id = customer.id AND subscription.ended_at IS NULL
    WHERE report.id = %(report_id)s AND report.reported_at IS NULL
    FOR UPDATE OF report
"""
MARK_REPORTED = "UPDATE billing_usagereport SET reported_at = now() WHERE id = %(report_id)s"
CARRY_OVER = """
    WITH report AS (
        UPDATE billing_usagereport AS report SET occurred_at = clock_timestamp()
        FROM billing_customer AS customer
        WHERE customer.id = report.customer_id AND customer.team_id = %(team_id)s
          AND report.reported_at IS NULL
    )
    UPDATE billing_usage SET occurred_at = clock_timestamp()
    WHERE team_id = %(team_id)s AND is_billed AND report_id IS NULL
"""
SUMMARY = """
    SELECT meter, sum(quantity) FROM billing_usage
    WHERE team_id = %(team_id)s AND occurred_at >= %(since)s
    GROUP BY meter
"""


def usage_parameters(
    team_id: int, meter: str, quantity: int = 1, catalog: Catalog = CATALOG
) -> dict[str, Any]:
    """What `RECORD_USAGE` is executed with; raises LookupError for what is not metered."""
    metered = next((each for each in catalog.metered if each.code == meter), None)
    if metered is None:
        raise LookupError(f"{meter!r} is not among the metered of the plans")
    if quantity < 1:
        raise ValueError("what was used is at least one")
    return {
        "team_id": team_id,
        "meter": meter,
        "quantity": quantity,
        "plans": [plan.code for plan in catalog.plans if meter in plan.metered],
        "currencies": list(metered.unit_amounts),
    }


def record(
    execute: Execute, team_id: int, meter: str, quantity: int = 1, catalog: Catalog = CATALOG
) -> None:
    """Count that a team used something, in the transaction that uses it."""
    execute(RECORD_USAGE, usage_parameters(team_id, meter, quantity, catalog))


def collect(execute: Execute, now: datetime) -> int:
    """Put what was counted and not reported into reports, and ask for them to be sent.

    Answers how many reports it made.
    """
    customers = [row[0] for row in execute(CLAIM_CUSTOMERS, {})]
    if not customers:
        return 0
    made = execute(MAKE_REPORTS, {"customers": customers, "now": now})
    for (report_id,) in made:
        enqueue(execute, ReportUsage(report_id=report_id), key=f"usage-report:{report_id}")
    return len(made)


@dataclass(frozen=True)
class Report:
    """A report that Stripe was not told of yet, as far as we know."""

    customer_id: int
    customer: str
    meter: str
    quantity: int
    identifier: str
    occurred_at: datetime
    now: datetime
    period_start: datetime | None = None
    trial_end: datetime | None = None
    period_end: datetime | None = None

    @property
    def present_start(self) -> datetime | None:
        """When the present period began, also while the news of its begin are not here yet."""
        if self.period_end is not None and self.now >= self.period_end:
            return self.period_end
        return self.period_start

    @property
    def counts_at(self) -> datetime:
        """The moment to name: what was too late for its period counts in the present one.

        Not what was used in a trial, which costs nothing.
        """
        start = self.present_start
        if start is None or self.occurred_at >= start or start == self.trial_end:
            return self.occurred_at
        return start if self.now - start > LATE else self.occurred_at


def report(execute: Execute, client: "stripe.StripeClient", report_id: int) -> None:
    """Tell Stripe of a report, unless it was told."""
    rows = execute(READ_REPORT, {"report_id": report_id})
    if not rows:
        return
    found = Report(*rows[0])
    send(client, found, Names(project.slug))
    execute(MARK_REPORTED, {"report_id": report_id})


def send(client: "stripe.StripeClient", found: Report, names: Names) -> None:
    """Tell Stripe; it may know already. Raises GiveUp if it will never take it."""
    import stripe

    event: dict[str, Any] = {
        "event_name": names.meter(found.meter),
        "identifier": found.identifier,
        "payload": {"stripe_customer_id": found.customer, "value": str(found.quantity)},
    }
    # Better in this period than never.
    if found.now - found.counts_at < OLDEST:
        event["timestamp"] = int(found.counts_at.timestamp())
    try:
        client.v1.billing.meter_events.create(event)  # type: ignore[arg-type]
    except stripe.InvalidRequestError as error:
        if "already exists" in str(error) and error.param == "identifier":
            return
        if error.code == "resource_missing":
            raise GiveUp(f"Stripe has no customer {found.customer}") from error
        raise


def carry_over(execute: Execute, team_id: int) -> None:
    """Let what Stripe was not told of yet count from now on: a period ends before its time.

    The caller has the customer locked.
    """
    execute(CARRY_OVER, {"team_id": team_id})


def summary(execute: Execute, team_id: int, since: datetime) -> Mapping[str, int]:
    """How much a team used of each meter since a moment."""
    return {
        meter: int(used) for meter, used in execute(SUMMARY, {"team_id": team_id, "since": since})
    }
