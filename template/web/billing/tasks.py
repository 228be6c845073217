"""What the worker does for billing; `core.billing` knows how."""

from django.utils import timezone

from core.billing import handle, seats, usage
from core.billing.stripe_client import stripe_client
from core.billing.tasks import (
    CollectUsage,
    ReconcileCustomer,
    ReconcileCustomers,
    ReportUsage,
    SweepBilling,
    SyncSeats,
)
from core.env import get_settings
from web.queue import CurrentTransaction, task


@task(SyncSeats)
def sync_seats(payload: SyncSeats) -> None:
    """Let the subscription of a team have as many seats as the team has members."""
    # People come and go also where nothing is sold yet.
    if get_settings().sells:
        seats.sync_seats(CurrentTransaction().execute, stripe_client(), payload.team_id)


@task(SweepBilling)
def sweep(payload: SweepBilling) -> None:
    """Find what fell through."""
    handle.sweep(CurrentTransaction().execute, timezone.now())


@task(ReconcileCustomers)
def reconcile_customers(payload: ReconcileCustomers) -> None:
    """Ask for a look at every customer."""
    handle.reconcile_all(CurrentTransaction().execute, timezone.now())


@task(ReconcileCustomer)
def reconcile_customer(payload: ReconcileCustomer) -> None:
    """Bring all that is known of one customer up to date."""
    execute = CurrentTransaction().execute
    handle.reconcile_customer(execute, stripe_client(), payload.customer_id)


@task(CollectUsage)
def collect_usage(payload: CollectUsage) -> None:
    """Put what was used since the last time into reports."""
    usage.collect(CurrentTransaction().execute, timezone.now())


@task(ReportUsage)
def report_usage(payload: ReportUsage) -> None:
    """Tell Stripe of one report."""
    usage.report(CurrentTransaction().execute, stripe_client(), payload.report_id)
