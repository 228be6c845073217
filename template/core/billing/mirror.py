"""What our tables hold of Stripe's objects. Pure: an object goes in, a row's columns come out."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import stripe
from stripe.checkout import Session

from core.billing.database import Row
from core.billing.events import name_of
from core.billing.plans import Names

OVER = frozenset({"canceled", "incomplete_expired"})
ATTEMPTED = 1  # the least attempts after which a payment counts as failed


def moment(seconds: int) -> datetime:
    """A moment of Stripe's."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    """A moment of Stripe's, if it is one."""
    return None if seconds is None else moment(seconds)


def reference(value: Any) -> str:
    """The name of an object, whether it stands alone or in the object; empty for none."""
    return name_of(getattr(value, "id", value)) or ""


def plan_item(
    subscription: stripe.Subscription, names: Names
) -> tuple[str, stripe.SubscriptionItem] | None:
    """The code of the plan, and the item that is the plan and its seats; None if no plan is ours.

    The others are what is billed by use.
    """
    for item in subscription.items.data:
        if code := names.plan_code(reference(item.price.product)):
            return code, item
    return None


def subscription_row(
    subscription: stripe.Subscription, names: Names, unpaid: Iterable[stripe.Invoice] = ()
) -> Row | None:
    """The row of a subscription; None if it is to none of our plans.

    `unpaid`: its open invoices, from which a subscription that is past due is so since a moment.
    """
    found = plan_item(subscription, names)
    if found is None:
        return None
    code, item = found
    end = moment(item.current_period_end)
    cancel_at = moment_or_none(subscription.cancel_at)
    if cancel_at is None and subscription.cancel_at_period_end:
        cancel_at = end
    return {
        "stripe_id": subscription.id,
        "currency": subscription.currency,
        "created_at": moment(subscription.created),
        "item_id": item.id,
        "price_id": item.price.id,
        "plan": code,
        "interval": item.price.recurring.interval if item.price.recurring else "",
        # What there is not is not even None.
        "quantity": getattr(item, "quantity", None) or 1,
        "status": subscription.status,
        "current_period_start": moment(item.current_period_start),
        "current_period_end": end,
        "trial_end": moment_or_none(subscription.trial_end),
        "cancel_at": cancel_at,
        "canceled_at": moment_or_none(subscription.canceled_at),
        "ended_at": moment_or_none(ended_at(subscription)),
        "past_due_since": past_due_since(subscription, item, unpaid),
    }


def ended_at(subscription: stripe.Subscription) -> int | None:
    """When it ended; None if it has not. What is over by its status has ended, moment or not."""
    if subscription.ended_at is None and subscription.status in OVER:
        return subscription.canceled_at or subscription.created
    return subscription.ended_at


def past_due_since(
    subscription: stripe.Subscription,
    item: stripe.SubscriptionItem,
    unpaid: Iterable[stripe.Invoice],
) -> datetime | None:
    """When the oldest invoice of which a payment failed was finalized; None if it is not past due.

    The period's start where no such invoice is left, as when somebody wrote it off.
    """
    if subscription.status != "past_due":
        return None
    failed = [
        invoice.status_transitions.finalized_at or invoice.created
        for invoice in unpaid
        if invoice.attempt_count >= ATTEMPTED
    ]
    return moment(min(failed, default=item.current_period_start))


def subscription_of(invoice: stripe.Invoice) -> str:
    """The subscription that an invoice is for; empty if it is for none."""
    details = invoice.parent.subscription_details if invoice.parent else None
    return reference(details.subscription) if details else ""


def invoice_row(invoice: stripe.Invoice) -> Row | None:
    """The row of an invoice; None for a draft, which may still become another."""
    if invoice.status is None or invoice.status == "draft" or invoice.id is None:
        return None
    return {
        "stripe_id": invoice.id,
        "currency": invoice.currency,
        "created_at": moment(invoice.created),
        "subscription": subscription_of(invoice),
        "number": invoice.number or "",
        "status": invoice.status,
        "total": invoice.total,
        "amount_due": invoice.amount_due,
        "amount_paid": invoice.amount_paid,
        "attempt_count": invoice.attempt_count,
        "next_attempt_at": moment_or_none(invoice.next_payment_attempt),
        "paid_at": moment_or_none(invoice.status_transitions.paid_at),
        "hosted_url": invoice.hosted_invoice_url or "",
        "pdf_url": invoice.invoice_pdf or "",
    }


def purchase_row(session: Session, names: Names) -> Row | None:
    """The row of what a checkout was paid for; None if it was for a subscription or is not paid.

    The session holds its `line_items` and `payment_intent.latest_charge`.
    """
    if session.mode != "payment" or session.payment_status == "unpaid":
        return None
    for line in session.line_items.data if session.line_items else ():
        code = names.once_code(reference(line.price.product)) if line.price else None
        if code:
            break
    else:
        return None
    return {
        "stripe_id": session.id,
        "currency": session.currency or "",
        "created_at": moment(session.created),
        "code": code,
        "amount": session.amount_total or 0,
        "amount_refunded": refunded(session),
        "payment_intent": reference(session.payment_intent),
    }


def refunded(session: Session) -> int:
    """What was given back of what a session was paid with."""
    intent = session.payment_intent
    charge = intent.latest_charge if isinstance(intent, stripe.PaymentIntent) else None
    return charge.amount_refunded if isinstance(charge, stripe.Charge) else 0
