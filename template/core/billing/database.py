"""The tables of billing, for whichever way the caller talks to the database.

Whoever changes what is known of a customer locks the customer's row, then asks Stripe, then writes,
then commits. So what is written last was asked for last, in whatever order news come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.outbox.write import Execute

Row = dict[str, Any]
Table = Literal["billing_subscription", "billing_invoice", "billing_purchase"]

# What the rows of Stripe's objects hold, but for `synced_at`.
MIRRORED = ("customer_id", "stripe_id", "currency", "created_at")
COLUMNS: Mapping[Table, tuple[str, ...]] = {
    "billing_subscription": (
        *MIRRORED,
        *("item_id", "price_id", "plan", "interval", "quantity", "status"),
        *("current_period_start", "current_period_end", "trial_end"),
        *("cancel_at", "canceled_at", "ended_at", "past_due_since"),
    ),
    "billing_invoice": (
        *MIRRORED,
        *("subscription", "number", "status", "total", "amount_due", "amount_paid"),
        *("attempt_count", "next_attempt_at", "paid_at", "hosted_url", "pdf_url"),
    ),
    "billing_purchase": (
        *MIRRORED,
        *("code", "amount", "amount_refunded", "payment_intent"),
    ),
}
FORGET = (
    # What was reported cannot be reported again, to whomever the team becomes.
    """
    DELETE FROM billing_usage WHERE report_id IN (
        SELECT id FROM billing_usagereport WHERE customer_id = %(id)s
    )
    """,
    "DELETE FROM billing_usagereport WHERE customer_id = %(id)s",
    *(f"DELETE FROM {table} WHERE customer_id = %(id)s" for table in COLUMNS),  # noqa: S608  ours
    "DELETE FROM billing_customer WHERE id = %(id)s",
)


@dataclass(frozen=True)
class CustomerRow:
    """A customer whose row is locked until the transaction ends. No team: it is gone."""

    id: int
    team_id: int | None
    stripe_id: str
    email: str


def lock_customer(
    execute: Execute,
    *,
    customer_id: int | None = None,
    stripe_id: str | None = None,
    team_id: int | None = None,
) -> CustomerRow | None:
    """The customer of this id, of this name at Stripe or of this team; None if there is none.

    Give one of them. A transaction that needs the team's row as well takes that one first.
    """
    given = {"id": customer_id, "stripe_id": stripe_id, "team_id": team_id}
    ((column, value),) = [(name, value) for name, value in given.items() if value is not None]
    rows = execute(
        f"SELECT id, team_id, stripe_id, email FROM billing_customer"  # noqa: S608  a name of ours
        f" WHERE {column} = %(value)s FOR UPDATE",
        {"value": value},
    )
    return CustomerRow(*rows[0]) if rows else None


def find_row(execute: Execute, table: Table, stripe_id: str) -> Row | None:
    """What is known of an object of Stripe's; None if nothing is."""
    columns = COLUMNS[table]
    rows = execute(
        f"SELECT {', '.join(columns)} FROM {table} WHERE stripe_id = %(stripe_id)s",  # noqa: S608
        {"stripe_id": stripe_id},
    )
    return dict(zip(columns, rows[0], strict=True)) if rows else None


def write_row(execute: Execute, table: Table, customer: CustomerRow, row: Row) -> Row | None:
    """Write what is known of an object now; answers what was known before, if anything was.

    The caller has the customer locked.
    """
    before = find_row(execute, table, row["stripe_id"])
    columns = COLUMNS[table]
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*columns, "synced_at"))
    execute(
        f"INSERT INTO {table} ({', '.join(columns)}, synced_at)"  # noqa: S608  names of ours
        f" VALUES ({', '.join(f'%({name})s' for name in columns)}, now())"
        f" ON CONFLICT (stripe_id) DO UPDATE SET {changes}",
        {**row, "customer_id": customer.id},
    )
    return before


def forget_row(execute: Execute, table: Table, stripe_id: str) -> None:
    """Forget an object that Stripe does not have."""
    execute(
        f"DELETE FROM {table} WHERE stripe_id = %(stripe_id)s",  # noqa: S608  a name of ours
        {"stripe_id": stripe_id},
    )


def keep_rows(
    execute: Execute, table: Table, customer: CustomerRow, stripe_ids: Sequence[str]
) -> None:
    """Forget all objects of a customer but these."""
    execute(
        f"DELETE FROM {table}"  # noqa: S608  a name of ours
        " WHERE customer_id = %(customer_id)s AND NOT stripe_id = ANY(%(stripe_ids)s::text[])",
        {"customer_id": customer.id, "stripe_ids": list(stripe_ids)},
    )


def forget_customer(execute: Execute, customer: CustomerRow) -> None:
    """Forget a customer with all that is known of them. Stripe keeps the books."""
    for statement in FORGET:
        execute(statement, {"id": customer.id})
