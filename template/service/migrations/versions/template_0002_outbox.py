"""The outbox: work that was asked for, work that failed for good, and the clock.

Revision ID: template_0002
Revises: template_0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "template_0002"
down_revision: str | None = "template_0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables as Django makes them."""
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("task", sa.String(100), nullable=False),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("team_id", sa.BigInteger),
        sa.Column("schedule", sa.String(100), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("available_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT),
        sa.Column("started_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_message"),
    )
    op.create_index(
        "outbox_message_key",
        "outbox_message",
        ["task", "key"],
        unique=True,
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_index(
        "outbox_message_due",
        "outbox_message",
        ["available_at", "id"],
        postgresql_where=sa.text("done_at IS NULL AND published_at IS NULL"),
    )
    op.create_index(
        "outbox_message_published",
        "outbox_message",
        ["published_at"],
        postgresql_where=sa.text("done_at IS NULL AND published_at IS NOT NULL"),
    )
    op.create_table(
        "outbox_deadletter",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("task", sa.String(100), nullable=False),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("team_id", sa.BigInteger),
        sa.Column("schedule", sa.String(100), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.String(500), nullable=False),
        sa.Column("traceback", sa.Text, nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.Column("replayed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_deadletter"),
    )
    op.create_index("ix_outbox_deadletter_failed_at", "outbox_deadletter", ["failed_at"])
    op.create_table(
        "outbox_schedule",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("last_tick", MOMENT, nullable=False),
        sa.Column("last_finished_at", MOMENT),
        sa.Column("last_error", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_outbox_schedule"),
    )


def downgrade() -> None:
    """Drop the tables, and with them what was asked for and not done."""
    op.drop_table("outbox_schedule")
    op.drop_table("outbox_deadletter")
    op.drop_table("outbox_message")
