"""Conversations with the assistant, and the ledger of their tokens.

Revision ID: template_assistant_0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "template_assistant_0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("template_assistant",)
depends_on: str | Sequence[str] | None = ("template_0003",)

MOMENT = sa.DateTime(timezone=True)
STREAMING = sa.text("status = 'streaming'")


def upgrade() -> None:
    """Make the tables as Django makes them."""
    op.create_table(
        "assistant_conversation",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistant_conversation"),
        refers_to("assistant_conversation", "team_id", "teams_team"),
        refers_to("assistant_conversation", "user_id", "accounts_user"),
    )
    op.create_table(
        "assistant_message",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("conversation_id", sa.BigInteger, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("error", sa.String(100), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.Column("stop_asked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistant_message"),
        refers_to("assistant_message", "team_id", "teams_team"),
        refers_to("assistant_message", "conversation_id", "assistant_conversation"),
    )
    op.create_table(
        "assistant_usage",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistant_usage"),
        sa.UniqueConstraint("message_id", name="uq_assistant_usage_message_id"),
        refers_to("assistant_usage", "team_id", "teams_team"),
    )
    make_indexes()


def make_indexes() -> None:
    """Make the indexes: of what refers to others, of lists, and of what runs."""
    for table in ("conversation", "message", "usage"):
        name = f"assistant_{table}"
        op.create_index(f"ix_{name}_team_id", name, ["team_id"])
    op.create_index("ix_assistant_conversation_user_id", "assistant_conversation", ["user_id"])
    op.create_index(
        "assistant_conversation_list", "assistant_conversation", ["team_id", "user_id", "id"]
    )
    op.create_index("assistant_message_list", "assistant_message", ["conversation_id", "id"])
    op.create_index(
        "assistant_message_one_answer",
        "assistant_message",
        ["conversation_id"],
        unique=True,
        postgresql_where=STREAMING,
    )
    op.create_index(
        "assistant_message_running",
        "assistant_message",
        ["team_id", "created_at"],
        postgresql_where=STREAMING,
    )
    op.create_index(
        "assistant_usage_period",
        "assistant_usage",
        ["team_id", "created_at"],
        postgresql_include=["tokens"],
    )


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
    """Drop the tables, and with them all that was said."""
    for table in ("usage", "message", "conversation"):
        op.drop_table(f"assistant_{table}")
