"""The tasks of billing, and when the periodic ones run."""

from core.outbox import Task
from core.outbox.schedule import Periodic


class SyncSeats(Task, name="billing.sync_seats", queue="urgent"):
    """Let the subscription of a team have as many seats as the team has members."""

    team_id: int


class SweepBilling(Task, name="billing.sweep"):
    """Find what fell through: customers whose team is gone."""


class ReconcileCustomers(Task, name="billing.reconcile"):
    """Ask for a look at every customer."""


class ReconcileCustomer(Task, name="billing.reconcile_customer"):
    """Bring all that is known of one customer up to date."""

    customer_id: int


class CollectUsage(Task, name="billing.collect_usage"):
    """Put what was used since the last time into reports."""


class ReportUsage(Task, name="billing.report_usage", queue="urgent", max_attempts=20):
    """Tell Stripe of one report; it takes the same one once."""

    report_id: int


BILLING_SCHEDULE: tuple[Periodic, ...] = (
    Periodic("billing-sweep", "*/5 * * * *", SweepBilling()),
    Periodic("billing-reconcile", "30 2 * * *", ReconcileCustomers()),
    Periodic("billing-usage", "*/10 * * * *", CollectUsage()),
)
