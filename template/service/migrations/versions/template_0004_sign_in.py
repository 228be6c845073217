"""Second factors, passkeys and accounts at providers.

Revision ID: template_0004
Revises: template_0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "template_0004"
down_revision: str | None = "template_0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables as django-allauth 65.21 makes them."""
    op.create_table(
        "mfa_authenticator",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("data", postgresql.JSONB, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_mfa_authenticator"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name="fk_mfa_authenticator_user_id_accounts_user",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_mfa_authenticator_user_id", "mfa_authenticator", ["user_id"])
    op.create_index(
        "unique_authenticator_type",
        "mfa_authenticator",
        ["user_id", "type"],
        unique=True,
        postgresql_where=sa.text("type IN ('totp', 'recovery_codes')"),
    )
    op.create_table(
        "socialaccount_socialaccount",
        sa.Column("id", sa.Integer, sa.Identity(always=False), nullable=False),
        sa.Column("provider", sa.String(200), nullable=False),
        sa.Column("uid", sa.String(191), nullable=False),
        sa.Column("last_login", MOMENT, nullable=False),
        sa.Column("date_joined", MOMENT, nullable=False),
        sa.Column("extra_data", postgresql.JSONB, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_socialaccount_socialaccount"),
        sa.UniqueConstraint("provider", "uid", name="uq_socialaccount_socialaccount_provider_uid"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name="fk_socialaccount_socialaccount_user_id_accounts_user",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index(
        "ix_socialaccount_socialaccount_user_id", "socialaccount_socialaccount", ["user_id"]
    )


def downgrade() -> None:
    """Drop the tables: nobody has a second factor, a passkey or a provider any more."""
    op.drop_table("socialaccount_socialaccount")
    op.drop_table("mfa_authenticator")
