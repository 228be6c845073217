"""What the mirror must hold, from the sandbox's own objects; made without the product's code.

Stripe's names and the rules of `web/billing/models.py`, written down a second time: so the test can
disagree with `core/billing/mirror.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.project import project
from tests.billing.world import World

Row = dict[str, Any]
Rows = dict[str, Row]
# What is ours alone.
OWN = {"id", "customer_id", "synced_at"}


def moment(seconds: int | None) -> datetime | None:
    """A moment as the database tells it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def expected(world: World, customer: str) -> dict[str, Rows]:
    """The rows of each table that a customer must have."""
    truth = world.stripe.truth(customer)
    invoices = truth["invoices"]
    return {
        "billing_subscription": {
            each["id"]: subscription(each, invoices) for each in truth["subscriptions"]
        },
        "billing_invoice": {
            each["id"]: invoice(each) for each in invoices if each["status"] != "draft"
        },
        "billing_purchase": {
            each["id"]: purchase(world, each, truth["charges"])
            for each in truth["checkout_sessions"]
            if each["mode"] == "payment" and each["payment_status"] == "paid"
        },
    }


def mirrored(world: World, customer: str) -> dict[str, Rows]:
    """The rows of each table that a customer has."""
    return {
        table: {
            row["stripe_id"]: {name: row[name] for name in row if name not in OWN}
            for row in world.rows(
                f"SELECT mirrored.* FROM {table} AS mirrored JOIN billing_customer AS customer "  # noqa: S608
                "ON customer.id = customer_id WHERE customer.stripe_id = %(customer)s",
                customer=customer,
            )
        }
        for table in ("billing_subscription", "billing_invoice", "billing_purchase")
    }


def subscription(each: Mapping[str, Any], invoices: list[Mapping[str, Any]]) -> Row:
    """The columns of a subscription."""
    item = plan_item(each)
    cancel_at = each["cancel_at"]
    if each["cancel_at_period_end"]:
        cancel_at = item["current_period_end"]
    return {
        "stripe_id": each["id"],
        "currency": each["currency"],
        "created_at": moment(each["created"]),
        "item_id": item["id"],
        "price_id": item["price"]["id"],
        "plan": plan_code(item),
        "interval": item["price"]["recurring"]["interval"],
        "quantity": item["quantity"],
        "status": each["status"],
        "current_period_start": moment(item["current_period_start"]),
        "current_period_end": moment(item["current_period_end"]),
        "trial_end": moment(each["trial_end"]),
        "cancel_at": moment(cancel_at),
        "canceled_at": moment(each["canceled_at"]),
        "ended_at": moment(each["ended_at"]),
        "past_due_since": past_due_since(each, item, invoices),
    }


def plan_item(each: Mapping[str, Any]) -> Mapping[str, Any]:
    """The item that is the plan; the others are metered."""
    found: list[Mapping[str, Any]] = [
        item
        for item in each["items"]["data"]
        if item["price"]["product"].startswith(f"{project.slug}-plan-")
    ]
    assert len(found) == 1, f"{each['id']} has {len(found)} plans"
    return found[0]


def plan_code(item: Mapping[str, Any]) -> str:
    """The plan's code, from the name of its product."""
    return str(item["price"]["product"]).removeprefix(f"{project.slug}-plan-")


def past_due_since(
    each: Mapping[str, Any], item: Mapping[str, Any], invoices: list[Mapping[str, Any]]
) -> datetime | None:
    """Since when something is owed: when the oldest invoice was final whose payment failed.

    Where none is left, as when it was written off, since its period began.
    """
    if each["status"] != "past_due":
        return None
    unpaid = [
        invoice["status_transitions"]["finalized_at"]
        for invoice in invoices
        if subscription_of(invoice) == each["id"]
        and invoice["status"] == "open"
        and invoice["attempt_count"]
    ]
    return moment(min(unpaid, default=item["current_period_start"]))


def subscription_of(invoice: Mapping[str, Any]) -> str:
    """The subscription that an invoice is of, or nothing."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return str(details.get("subscription") or "")


def invoice(each: Mapping[str, Any]) -> Row:
    """The columns of an invoice."""
    return {
        "stripe_id": each["id"],
        "currency": each["currency"],
        "created_at": moment(each["created"]),
        "subscription": subscription_of(each),
        "number": each["number"],
        "status": each["status"],
        "total": each["total"],
        "amount_due": each["amount_due"],
        "amount_paid": each["amount_paid"],
        "attempt_count": each["attempt_count"],
        "next_attempt_at": moment(each["next_payment_attempt"]),
        "paid_at": moment(each["status_transitions"]["paid_at"]),
        "hosted_url": each["hosted_invoice_url"],
        "pdf_url": each["invoice_pdf"],
    }


def purchase(world: World, each: Mapping[str, Any], charges: list[Mapping[str, Any]]) -> Row:
    """The columns of a purchase."""
    lines = world.stripe.client().v1.checkout.sessions.line_items.list(each["id"]).data
    (product,) = {str(line.price.product) for line in lines if line.price}
    return {
        "stripe_id": each["id"],
        "currency": each["currency"],
        "created_at": moment(each["created"]),
        "code": product.removeprefix(f"{project.slug}-once-"),
        "amount": each["amount_total"],
        "amount_refunded": sum(
            charge["amount_refunded"]
            for charge in charges
            if charge["payment_intent"] == each["payment_intent"]
        ),
        "payment_intent": each["payment_intent"] or "",
    }


def running(world: World, customer: str) -> list[Mapping[str, Any]]:
    """The subscriptions of a customer that are not over."""
    return [
        each for each in world.stripe.truth(customer)["subscriptions"] if each["ended_at"] is None
    ]


def differences(wanted: Mapping[str, Rows], found: Mapping[str, Rows]) -> list[str]:
    """What is not as it must be, one line for each column."""
    lines = []
    for table, rows in wanted.items():
        for name in sorted({*rows, *found[table]}):
            true, known = rows.get(name, {}), found[table].get(name, {})
            lines += [
                f"{table} {name} {column}: {true.get(column)} is true, {known.get(column)} is known"
                for column in sorted({*true, *known})
                if true.get(column) != known.get(column)
            ]
    return lines
