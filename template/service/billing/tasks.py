"""What the worker does for billing; `core.billing` knows how."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.billing import handle, usage
from core.billing.seats import sync_seats
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
from service.execute import executor
from service.tasks import task


@task(SyncSeats)
def seats(payload: SyncSeats, session: Session) -> None:
    """Let a team's subscription have as many seats as the team has members."""
    # People come and go also where nothing is sold any more.
    if get_settings().sells:
        sync_seats(executor(session.connection()), stripe_client(), payload.team_id)


@task(SweepBilling)
def sweep(payload: SweepBilling, session: Session) -> None:
    """Find what fell through."""
    handle.sweep(executor(session.connection()), datetime.now(UTC))


@task(ReconcileCustomers)
def reconcile_customers(payload: ReconcileCustomers, session: Session) -> None:
    """Ask for a look at every customer."""
    handle.reconcile_all(executor(session.connection()), datetime.now(UTC))


@task(ReconcileCustomer)
def reconcile_customer(payload: ReconcileCustomer, session: Session) -> None:
    """Bring all that is known of one customer up to date."""
    handle.reconcile_customer(executor(session.connection()), stripe_client(), payload.customer_id)


@task(CollectUsage)
def collect_usage(payload: CollectUsage, session: Session) -> None:
    """Put what was used since the last time into reports."""
    usage.collect(executor(session.connection()), datetime.now(UTC))


@task(ReportUsage)
def report_usage(payload: ReportUsage, session: Session) -> None:
    """Tell Stripe of one report."""
    usage.report(executor(session.connection()), stripe_client(), payload.report_id)
