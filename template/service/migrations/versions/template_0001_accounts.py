"""Users, their addresses and their tokens.

Revision ID: template_0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "template_0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("template",)
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables as Django and django-allauth 65.21 make them."""
    op.create_table(
        "accounts_user",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("password", sa.String(128), nullable=False),
        sa.Column("last_login", MOMENT),
        sa.Column("is_superuser", sa.Boolean, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("is_staff", sa.Boolean, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("date_joined", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts_user"),
        sa.UniqueConstraint("email", name="uq_accounts_user_email"),
    )
    op.create_table(
        "account_emailaddress",
        sa.Column("id", sa.Integer, sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("primary", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_emailaddress"),
        sa.UniqueConstraint("user_id", "email", name="uq_account_emailaddress_user_id_email"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name="fk_account_emailaddress_user_id_accounts_user",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_account_emailaddress_user_id", "account_emailaddress", ["user_id"])
    op.create_index("ix_account_emailaddress_email", "account_emailaddress", ["email"])
    op.create_index(
        "unique_primary_email",
        "account_emailaddress",
        ["user_id", "primary"],
        unique=True,
        postgresql_where=sa.text('"primary"'),
    )
    op.create_index(
        "unique_verified_email",
        "account_emailaddress",
        ["email"],
        unique=True,
        postgresql_where=sa.text("verified"),
    )
    op.create_table(
        "accounts_accesstoken",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("session_digest", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.Column("ip_address", postgresql.INET),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.Column("impersonator_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_accounts_accesstoken"),
        sa.UniqueConstraint("digest", name="uq_accounts_accesstoken_digest"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name="fk_accounts_accesstoken_user_id_accounts_user",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_accounts_accesstoken_user_id", "accounts_accesstoken", ["user_id"])
    op.create_index(
        "ix_accounts_accesstoken_session_digest", "accounts_accesstoken", ["session_digest"]
    )
    op.create_index("ix_accounts_accesstoken_expires_at", "accounts_accesstoken", ["expires_at"])


def downgrade() -> None:
    """Drop the tables, and with them everybody's accounts."""
    op.drop_table("accounts_accesstoken")
    op.drop_table("account_emailaddress")
    op.drop_table("accounts_user")
