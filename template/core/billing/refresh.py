"""Brings what we know up to date with Stripe: ask, write, and have the mails sent that follow.

Every function wants the customer locked, see `core.billing.database`. `now` is the time; if news
made somebody ask, it is not before what they tell of, for a sandbox's clock can be ahead.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

import stripe
from stripe.checkout import Session

from core.billing import letters, mirror
from core.billing.database import (
    CustomerRow,
    Row,
    forget_customer,
    forget_row,
    keep_rows,
    write_row,
)
from core.billing.plans import Names
from core.billing.seats import HAS_SEATS, count_members
from core.billing.tasks import SyncSeats
from core.outbox.write import Execute, enqueue
from core.project import project

T = TypeVar("T")

NAMES = Names(project.slug)
LISTED = 100  # on a page; the most that Stripe gives
CHARGED = ["line_items", "payment_intent.latest_charge"]
CHANGE_EMAIL = "UPDATE billing_customer SET email = %(email)s WHERE id = %(id)s"
CHANGE_REFUND = """
    UPDATE billing_purchase SET amount_refunded = %(refunded)s, synced_at = now()
    WHERE customer_id = %(customer_id)s AND payment_intent = %(intent)s
"""
RECONCILED = "UPDATE billing_customer SET reconciled_at = now() WHERE id = %(id)s"


def refresh_subscription(
    execute: Execute,
    client: stripe.StripeClient,
    customer: CustomerRow,
    stripe_id: str,
    now: datetime | None = None,
) -> None:
    """Bring one subscription up to date."""
    subscription = found(lambda: client.v1.subscriptions.retrieve(stripe_id))
    if subscription is None or mirror.reference(subscription.customer) != customer.stripe_id:
        forget_row(execute, "billing_subscription", stripe_id)
        return
    unpaid: list[stripe.Invoice] = []
    if subscription.status == "past_due":
        listed = client.v1.invoices.list(
            {"subscription": stripe_id, "status": "open", "limit": LISTED}
        )
        unpaid = list(listed.auto_paging_iter())
        # Where they can be paid is known at once.
        for invoice in unpaid:
            keep_invoice(execute, client, customer, invoice)
    keep_subscription(execute, customer, subscription, unpaid, now or datetime.now(UTC))


def keep_subscription(
    execute: Execute,
    customer: CustomerRow,
    subscription: stripe.Subscription,
    unpaid: Iterable[stripe.Invoice],
    now: datetime,
) -> None:
    """Write a subscription as it was just answered, with its open invoices."""
    row = mirror.subscription_row(subscription, NAMES, unpaid)
    if row is None:
        forget_row(execute, "billing_subscription", subscription.id)
        return
    before = write_row(execute, "billing_subscription", customer, row)
    details = subscription.cancellation_details
    reason = details.reason if details else None
    for letter in letters.about_subscription(before, row, now, reason=reason):
        letters.post(execute, customer, letter)
    ask_for_seats(execute, customer, row)


def ask_for_seats(execute: Execute, customer: CustomerRow, row: Row) -> None:
    """Have the seats looked at if they are not as many as the members.

    People may have come and gone between a checkout's begin and its end, or while nobody was told.
    """
    if customer.team_id is None or row["status"] not in HAS_SEATS:
        return
    if row["quantity"] != count_members(execute, customer.team_id):
        enqueue(execute, SyncSeats(team_id=customer.team_id), team_id=customer.team_id)


def refresh_invoice(
    execute: Execute,
    client: stripe.StripeClient,
    customer: CustomerRow,
    stripe_id: str,
    now: datetime | None = None,
) -> None:
    """Bring one invoice up to date, and the subscription that it is for."""
    invoice = found(lambda: client.v1.invoices.retrieve(stripe_id))
    if invoice is None or mirror.reference(invoice.customer) != customer.stripe_id:
        forget_row(execute, "billing_invoice", stripe_id)
        return
    keep_invoice(execute, client, customer, invoice)
    if subscription := mirror.subscription_of(invoice):
        refresh_subscription(execute, client, customer, subscription, now)


def keep_invoice(
    execute: Execute, client: stripe.StripeClient, customer: CustomerRow, invoice: stripe.Invoice
) -> None:
    """Write an invoice as it was just answered."""
    row = mirror.invoice_row(invoice)
    if row is None:
        return
    before = write_row(execute, "billing_invoice", customer, row)
    # Whoever subscribes for the first time is there, and was told on the page.
    if invoice.billing_reason == "subscription_create" or not letters.is_failure(before, row):
        return
    letter = letters.about_failure(row, needs_action=needs_action(client, row["stripe_id"]))
    letters.post(execute, customer, letter)


def needs_action(client: stripe.StripeClient, invoice_id: str) -> bool:
    """Whether the bank wants to hear from the person before it pays an invoice."""
    expand = ["payments.data.payment.payment_intent"]
    invoice = client.v1.invoices.retrieve(invoice_id, {"expand": expand})
    for each in invoice.payments.data if invoice.payments else ():
        # What there is not is not even None.
        intent = getattr(each.payment, "payment_intent", None)
        if not isinstance(intent, stripe.PaymentIntent):
            continue
        reason = getattr(intent.last_payment_error, "code", None)
        if intent.status == "requires_action" or reason == "authentication_required":
            return True
    return False


def refresh_checkout(
    execute: Execute,
    client: stripe.StripeClient,
    customer: CustomerRow,
    stripe_id: str,
    now: datetime | None = None,
) -> None:
    """Bring up to date what one checkout led to: a subscription, or something that was bought."""
    session = found(lambda: client.v1.checkout.sessions.retrieve(stripe_id, {"expand": [*CHARGED]}))
    if session is None or mirror.reference(session.customer) != customer.stripe_id:
        forget_row(execute, "billing_purchase", stripe_id)
        return
    keep_purchase(execute, customer, session)
    if subscription := mirror.reference(session.subscription):
        refresh_subscription(execute, client, customer, subscription, now)


def keep_purchase(execute: Execute, customer: CustomerRow, session: Session) -> None:
    """Write what a checkout was paid for, if it was, as the session was just answered."""
    if row := mirror.purchase_row(session, NAMES):
        write_row(execute, "billing_purchase", customer, row)


def refresh_charge(
    execute: Execute, client: stripe.StripeClient, customer: CustomerRow, stripe_id: str
) -> None:
    """Bring up to date what was given back of one payment for something bought once."""
    charge = found(lambda: client.v1.charges.retrieve(stripe_id))
    intent = mirror.reference(charge.payment_intent) if charge else ""
    if charge and intent:
        refunded = {"refunded": charge.amount_refunded, "intent": intent}
        execute(CHANGE_REFUND, {**refunded, "customer_id": customer.id})


def refresh_address(execute: Execute, client: stripe.StripeClient, customer: CustomerRow) -> bool:
    """Bring up to date where Stripe writes to; answers whether the customer is still there.

    Raises `stripe.InvalidRequestError` for one that Stripe never had: the key is another account's.
    """
    known = client.v1.customers.retrieve(customer.stripe_id)
    if getattr(known, "deleted", False):
        return False
    email = (known.email or "")[:254]
    if email != customer.email:
        execute(CHANGE_EMAIL, {"email": email, "id": customer.id})
    return True


def refresh_customer(
    execute: Execute,
    client: stripe.StripeClient,
    customer: CustomerRow,
    now: datetime | None = None,
) -> None:
    """Bring everything of a customer up to date. What Stripe does not have goes.

    A customer whom somebody deleted at Stripe goes too: the team can become another one.
    """
    now = now or datetime.now(UTC)
    if refresh_address(execute, client, customer):
        refresh_objects(execute, client, customer, now)
        execute(RECONCILED, {"id": customer.id})
        return
    # Of whoever is gone Stripe tells what they had, or that there is no such customer.
    found(lambda: refresh_objects(execute, client, customer, now))
    forget_customer(execute, customer)


def refresh_objects(
    execute: Execute, client: stripe.StripeClient, customer: CustomerRow, now: datetime
) -> None:
    """Bring everything that belongs to a customer up to date."""
    name, api = customer.stripe_id, client.v1
    invoices = list(api.invoices.list({"customer": name, "limit": LISTED}).auto_paging_iter())
    for invoice in invoices:
        keep_invoice(execute, client, customer, invoice)
    keep_rows(execute, "billing_invoice", customer, [str(each.id) for each in invoices])
    subscriptions = list(
        api.subscriptions.list(
            {"customer": name, "status": "all", "limit": LISTED}
        ).auto_paging_iter()
    )
    for subscription in subscriptions:
        unpaid = [
            invoice
            for invoice in invoices
            if invoice.status == "open" and mirror.subscription_of(invoice) == subscription.id
        ]
        keep_subscription(execute, customer, subscription, unpaid, now)
    keep_rows(execute, "billing_subscription", customer, [each.id for each in subscriptions])
    sessions = list(
        api.checkout.sessions.list(
            {
                "customer": name,
                "status": "complete",
                "limit": LISTED,
                "expand": [f"data.{each}" for each in CHARGED],
            }
        ).auto_paging_iter()
    )
    for session in sessions:
        keep_purchase(execute, customer, session)
    keep_rows(execute, "billing_purchase", customer, [each.id for each in sessions])


def found(call: Callable[[], T]) -> T | None:
    """What Stripe answers; None if there is no such thing."""
    try:
        return call()
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
        return None
