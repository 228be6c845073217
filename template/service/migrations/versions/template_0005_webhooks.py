"""The ledger of webhooks.

Revision ID: template_0005
Revises: template_0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "template_0005"
down_revision: str | None = "template_0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table as Django makes it."""
    op.create_table(
        "webhooks_event",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("processed_at", MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks_event"),
        sa.UniqueConstraint("source", "event_id", name="uq_webhooks_event_source_event_id"),
    )
    op.create_index(
        "webhooks_event_open",
        "webhooks_event",
        ["received_at"],
        postgresql_where=sa.text("processed_at IS NULL"),
    )
    op.create_index("webhooks_event_customer", "webhooks_event", ["customer", "id"])


def downgrade() -> None:
    """Drop the table: an event that comes again is taken for a new one."""
    op.drop_table("webhooks_event")
