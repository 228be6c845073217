"""Teams, members, invitations, API keys, the audit log and idempotency keys.

Revision ID: template_0003
Revises: template_0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "template_0003"
down_revision: str | None = "template_0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
# The table takes new rows only. Tests empty theirs, in databases named for it.
GUARD = """
CREATE FUNCTION audit_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit log takes new rows only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_guard();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_guard();
"""


def upgrade() -> None:
    """Make the tables as Django makes them."""
    op.create_table(
        "teams_team",
        id_column(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("personal_user_id", sa.BigInteger),
        sa.Column("seat_limit", sa.Integer),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams_team"),
        sa.UniqueConstraint("personal_user_id", name="uq_teams_team_personal_user_id"),
        key_to("accounts_user", "teams_team", "personal_user_id"),
    )
    op.create_table(
        "teams_membership",
        id_column(),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams_membership"),
        sa.UniqueConstraint("team_id", "user_id", name="uq_teams_membership_team_id_user_id"),
        key_to("teams_team", "teams_membership", "team_id"),
        key_to("accounts_user", "teams_membership", "user_id"),
    )
    op.create_index("ix_teams_membership_team_id", "teams_membership", ["team_id"])
    op.create_index("ix_teams_membership_user_id", "teams_membership", ["user_id"])
    op.create_table(
        "teams_invitation",
        id_column(),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.Column("invited_by_id", sa.BigInteger),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_teams_invitation"),
        sa.UniqueConstraint("digest", name="uq_teams_invitation_digest"),
        key_to("teams_team", "teams_invitation", "team_id"),
        key_to("accounts_user", "teams_invitation", "invited_by_id"),
    )
    op.create_index("ix_teams_invitation_team_id", "teams_invitation", ["team_id"])
    op.create_index("ix_teams_invitation_email", "teams_invitation", ["email"])
    op.create_index("ix_teams_invitation_invited_by_id", "teams_invitation", ["invited_by_id"])
    op.create_index(
        "teams_invitation_open",
        "teams_invitation",
        ["team_id", "email"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "teams_apikey",
        id_column(),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(16)), nullable=False),
        sa.Column("created_by_id", sa.BigInteger),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_teams_apikey"),
        sa.UniqueConstraint("digest", name="uq_teams_apikey_digest"),
        key_to("teams_team", "teams_apikey", "team_id"),
        key_to("accounts_user", "teams_apikey", "created_by_id"),
    )
    op.create_index("ix_teams_apikey_team_id", "teams_apikey", ["team_id"])
    op.create_index("ix_teams_apikey_created_by_id", "teams_apikey", ["created_by_id"])
    op.create_table(
        "audit_entry",
        id_column(),
        sa.Column("team_id", sa.BigInteger),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.BigInteger),
        sa.Column("impersonator_id", sa.BigInteger),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target_kind", sa.String(32), nullable=False),
        sa.Column("target_id", sa.BigInteger),
        sa.Column("details", postgresql.JSONB, nullable=False),
        sa.Column("ip_address", postgresql.INET),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("audit_entry_team", "audit_entry", ["team_id", "id"])
    op.create_index("audit_entry_actor", "audit_entry", ["actor_id", "id"])
    op.execute(GUARD)
    op.create_table(
        "api_idempotencykey",
        id_column(),
        sa.Column("caller", sa.String(40), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_idempotencykey"),
        sa.UniqueConstraint("caller", "key", name="uq_api_idempotencykey_caller_key"),
    )
    op.create_index("ix_api_idempotencykey_created_at", "api_idempotencykey", ["created_at"])


def downgrade() -> None:
    """Drop the tables, and with them everybody's teams and their history."""
    for table in (
        "api_idempotencykey",
        "audit_entry",
        "teams_apikey",
        "teams_invitation",
        "teams_membership",
        "teams_team",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_entry_guard()")


def id_column() -> sa.Column[int]:
    """The key of a row, as Django makes it."""
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False)


def key_to(other: str, table: str, column: str) -> sa.ForeignKeyConstraint:
    """A foreign key that is checked at the commit."""
    return sa.ForeignKeyConstraint(
        [column],
        [f"{other}.id"],
        name=f"fk_{table}_{column}_{other}",
        deferrable=True,
        initially="DEFERRED",
    )
