"""Outgoing webhooks: endpoints, events, deliveries and their attempts.

Revision ID: template_0006
Revises: template_0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "template_0006"
down_revision: str | None = "template_0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables as Django makes them."""
    op.create_table(
        "outgoing_endpoint",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("event_types", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("secret", sa.String(500), nullable=False),
        sa.Column("former_secret", sa.String(500), nullable=False),
        sa.Column("former_until", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.Column("disabled_reason", sa.String(200), nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("quiet_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_endpoint"),
        refers_to("outgoing_endpoint", "team_id", "teams_team"),
    )
    op.create_index("ix_outgoing_endpoint_team_id", "outgoing_endpoint", ["team_id"])
    op.create_table(
        "outgoing_event",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("public_id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_event"),
        sa.UniqueConstraint("public_id", name="uq_outgoing_event_public_id"),
        refers_to("outgoing_event", "team_id", "teams_team"),
    )
    op.create_index("ix_outgoing_event_team_id", "outgoing_event", ["team_id"])
    op.create_table(
        "outgoing_delivery",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("endpoint_id", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_delivery"),
        sa.UniqueConstraint(
            "endpoint_id", "event_id", name="uq_outgoing_delivery_endpoint_id_event_id"
        ),
        refers_to("outgoing_delivery", "endpoint_id", "outgoing_endpoint"),
        refers_to("outgoing_delivery", "event_id", "outgoing_event"),
        refers_to("outgoing_delivery", "team_id", "teams_team"),
    )
    op.create_index("ix_outgoing_delivery_event_id", "outgoing_delivery", ["event_id"])
    op.create_index("outgoing_delivery_list", "outgoing_delivery", ["endpoint_id", "id"])
    op.create_index("outgoing_delivery_team", "outgoing_delivery", ["team_id", "id"])
    op.create_index(
        "outgoing_delivery_pending",
        "outgoing_delivery",
        ["next_attempt_at"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "outgoing_delivery_waiting",
        "outgoing_delivery",
        ["endpoint_id"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "outgoing_attempt",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("delivery_id", sa.BigInteger, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("request_headers", postgresql.JSONB, nullable=False),
        sa.Column("response_status", sa.Integer),
        sa.Column("response_headers", postgresql.JSONB, nullable=False),
        sa.Column("response_body", sa.Text, nullable=False),
        sa.Column("error", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_attempt"),
        refers_to("outgoing_attempt", "delivery_id", "outgoing_delivery"),
    )
    op.create_index("ix_outgoing_attempt_delivery_id", "outgoing_attempt", ["delivery_id"])


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
    for table in ("attempt", "delivery", "event", "endpoint"):
        op.drop_table(f"outgoing_{table}")
