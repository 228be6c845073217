"""What the worker does for billing, in either framework: news, and the looks that need none."""

import json
from datetime import UTC, datetime

import stripe

from core.billing import refresh
from core.billing.database import CustomerRow, forget_customer, lock_customer
from core.billing.events import Event, Subject, read
from core.billing.mirror import ended_at
from core.billing.refresh import LISTED
from core.billing.tasks import ReconcileCustomer
from core.outbox.write import Execute, enqueue

GONE = "SELECT id FROM billing_customer WHERE team_id IS NULL ORDER BY id"
# Two in a second, or as many more as a day needs: workers keep up with it, so that mails, which
# come last, do not wait behind it.
EVERYBODY = """
    WITH message AS (
        INSERT INTO outbox_message
            (task, payload, key, request_id, team_id, schedule, attempts, created_at, available_at)
        SELECT %(task)s, jsonb_build_object('customer_id', customer.id),
               customer.id::text || '@' || %(round)s, '', customer.team_id, '', 0, now(),
               now() + (row_number() OVER (ORDER BY customer.id) - 1)
                   * least(0.5, 72000.0 / count(*) OVER ()) * interval '1 s'
        FROM billing_customer AS customer
        ON CONFLICT (task, key) WHERE key IS NOT NULL DO NOTHING
        RETURNING id
    )
    SELECT count(*), pg_notify('outbox', '') FROM message
"""
FORGET_EVENTS = """
    DELETE FROM webhooks_event WHERE source = 'stripe' AND customer = %(stripe_id)s
"""


def handle(execute: Execute, client: stripe.StripeClient, payload: str) -> None:
    """Fetch again what an event is about.

    An event of somebody unknown is none of ours: several projects can share an account.
    """
    event = read(json.loads(payload))
    if event.customer_id is None:
        return
    customer = lock_customer(execute, stripe_id=event.customer_id)
    if customer is not None:
        fetch(execute, client, customer, event)


def fetch(
    execute: Execute, client: stripe.StripeClient, customer: CustomerRow, event: Event
) -> None:
    """Fetch again what an event of this customer is about."""
    # Where the clock of a sandbox is ahead, news are from its time.
    now = max(datetime.now(UTC), event.created)
    match event.subject:
        case Subject.SUBSCRIPTION:
            refresh.refresh_subscription(execute, client, customer, event.object_id, now)
        case Subject.INVOICE:
            refresh.refresh_invoice(execute, client, customer, event.object_id, now)
        case Subject.CHECKOUT:
            refresh.refresh_checkout(execute, client, customer, event.object_id, now)
        case Subject.CHARGE:
            refresh.refresh_charge(execute, client, customer, event.object_id)
        case Subject.CUSTOMER:
            if not refresh.refresh_address(execute, client, customer):
                refresh.refresh_customer(execute, client, customer, now)


def sweep(execute: Execute, now: datetime) -> None:
    """Find what fell through: customers whose team is gone."""
    for (customer_id,) in execute(GONE, {}):
        # Once an hour, should Stripe be away for longer than its task is patient.
        key = f"{customer_id}@gone-{now:%Y-%m-%dT%H}"
        enqueue(execute, ReconcileCustomer(customer_id=customer_id), key=key)


def reconcile_all(execute: Execute, now: datetime) -> int:
    """Ask for a look at every customer, once in an hour; answers at how many."""
    asked = {"task": ReconcileCustomer.name, "round": f"{now:%Y-%m-%dT%H}"}
    return int(execute(EVERYBODY, asked)[0][0])


def reconcile_customer(
    execute: Execute,
    client: stripe.StripeClient,
    customer_id: int,
    now: datetime | None = None,
) -> None:
    """Bring all that is known of a customer up to date, or end all of it if the team is gone."""
    customer = lock_customer(execute, customer_id=customer_id)
    if customer is None:
        return
    if customer.team_id is None:
        end_all(execute, client, customer)
    else:
        refresh.refresh_customer(execute, client, customer, now)


def end_all(execute: Execute, client: stripe.StripeClient, customer: CustomerRow) -> None:
    """Let nothing be paid for any more by a team that is gone, and forget it.

    What it owes stays owed, and Stripe keeps the books.
    """
    # Whom somebody deleted at Stripe has nothing there that runs.
    if refresh.refresh_address(execute, client, customer):
        end_at_stripe(client, customer)
    execute(FORGET_EVENTS, {"stripe_id": customer.stripe_id})
    forget_customer(execute, customer)


def end_at_stripe(client: stripe.StripeClient, customer: CustomerRow) -> None:
    """End what a customer could pay for, now or later."""
    mine = customer.stripe_id
    open_sessions = client.v1.checkout.sessions.list(
        {"customer": mine, "status": "open", "limit": LISTED}
    )
    # First, so that nobody subscribes after we have looked. Who just did makes this fail, and the
    # next attempt finds the subscription.
    for session in open_sessions.auto_paging_iter():
        client.v1.checkout.sessions.expire(session.id)
    running = client.v1.subscriptions.list({"customer": mine, "limit": LISTED})
    for subscription in running.auto_paging_iter():
        if ended_at(subscription) is None:
            client.v1.subscriptions.cancel(subscription.id)
