"""What is known of customers. A branch of its own: a project may begin to sell at any time.

Revision ID: template_billing_0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "template_billing_0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("template_billing",)
depends_on: str | Sequence[str] | None = ("template_0003",)

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "billing_customer",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger),
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("reconciled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_billing_customer"),
        sa.UniqueConstraint("team_id", name="uq_billing_customer_team_id"),
        sa.UniqueConstraint("stripe_id", name="uq_billing_customer_stripe_id"),
        refers_to("billing_customer", "team_id", "teams_team"),
    )
    mirrored(
        "billing_subscription",
        sa.Column("item_id", sa.String(255), nullable=False),
        sa.Column("price_id", sa.String(255), nullable=False),
        sa.Column("plan", sa.String(40), nullable=False),
        sa.Column("interval", sa.String(8), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("current_period_start", MOMENT, nullable=False),
        sa.Column("current_period_end", MOMENT, nullable=False),
        sa.Column("trial_end", MOMENT),
        sa.Column("cancel_at", MOMENT),
        sa.Column("canceled_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("past_due_since", MOMENT),
    )
    mirrored(
        "billing_invoice",
        sa.Column("subscription", sa.String(255), nullable=False),
        sa.Column("number", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("amount_due", sa.BigInteger, nullable=False),
        sa.Column("amount_paid", sa.BigInteger, nullable=False),
        sa.Column("attempt_count", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("paid_at", MOMENT),
        sa.Column("hosted_url", sa.Text, nullable=False),
        sa.Column("pdf_url", sa.Text, nullable=False),
    )
    mirrored(
        "billing_purchase",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("amount_refunded", sa.BigInteger, nullable=False),
        sa.Column("payment_intent", sa.String(255), nullable=False),
    )
    op.create_index("ix_billing_purchase_payment_intent", "billing_purchase", ["payment_intent"])
    op.create_table(
        "billing_usagereport",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("meter", sa.String(40), nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("identifier", sa.String(100), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("reported_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usagereport"),
        sa.UniqueConstraint("identifier", name="uq_billing_usagereport_identifier"),
        refers_to("billing_usagereport", "customer_id", "billing_customer"),
    )
    op.create_index("ix_billing_usagereport_customer_id", "billing_usagereport", ["customer_id"])
    op.create_table(
        "billing_usage",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("meter", sa.String(40), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("is_billed", sa.Boolean, nullable=False),
        sa.Column("report_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usage"),
        refers_to("billing_usage", "team_id", "teams_team"),
        refers_to("billing_usage", "report_id", "billing_usagereport"),
    )
    op.create_index("ix_billing_usage_team_id", "billing_usage", ["team_id"])
    op.create_index("ix_billing_usage_report_id", "billing_usage", ["report_id"])
    op.create_index("billing_usage_period", "billing_usage", ["team_id", "meter", "occurred_at"])
    op.create_index(
        "billing_usage_open",
        "billing_usage",
        ["team_id"],
        postgresql_where=sa.text("is_billed AND report_id IS NULL"),
    )


def mirrored(table: str, *columns: sa.Column[object]) -> None:
    """Make a table of objects of Stripe's, each of a customer."""
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("synced_at", MOMENT, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("stripe_id", name=f"uq_{table}_stripe_id"),
        refers_to(table, "customer_id", "billing_customer"),
    )
    op.create_index(f"ix_{table}_customer_id", table, ["customer_id"])


def refers_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A foreign key that is checked at the commit, as Django makes it."""
    return sa.ForeignKeyConstraint(
        [column],
        [f"{other}.id"],
        name=f"fk_{table}_{column}_{other}",
        deferrable=True,
        initially="DEFERRED",
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("usage", "usagereport", "purchase", "invoice", "subscription", "customer"):
        op.drop_table(f"billing_{table}")
