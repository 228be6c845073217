"""What the worker does for billing; `core.billing` knows how."""

from django.utils import timezone

from core.billing.tasks import ReconcileCustomer, ReconcileCustomers, SweepBilling
from web.queue import CurrentTransaction, task


@task(SweepBilling)
def sweep(payload: SweepBilling) -> None:
    """Find what fell through."""
    from core.billing import handle

    handle.sweep(CurrentTransaction().execute, timezone.now())


@task(ReconcileCustomers)
def reconcile_customers(payload: ReconcileCustomers) -> None:
    """Ask for a look at every customer."""
    from core.billing import handle

    handle.reconcile_all(CurrentTransaction().execute, timezone.now())


@task(ReconcileCustomer)
def reconcile_customer(payload: ReconcileCustomer) -> None:
    """Bring all that is known of one customer up to date."""
    from core.billing import handle
    from core.billing.stripe_client import stripe_client

    execute = CurrentTransaction().execute
    handle.reconcile_customer(execute, stripe_client(), payload.customer_id)
