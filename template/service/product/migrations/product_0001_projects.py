"""Projects, the example of a table that belongs to teams.

Write the next one with `just migration "what it does"`, and look at what it wrote.

Revision ID: product_0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "product_0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("product",)
# Your tables may refer to the template's.
depends_on: str | Sequence[str] | None = ("template_0003",)


def upgrade() -> None:
    """Make the table as Django makes it."""
    op.create_table(
        "product_project",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("created_by_id", sa.BigInteger),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_product_project"),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["teams_team.id"],
            name="fk_product_project_team_id_teams_team",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name="fk_product_project_created_by_id_accounts_user",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_product_project_team_id", "product_project", ["team_id"])
    op.create_index("ix_product_project_created_by_id", "product_project", ["created_by_id"])
    op.create_index("product_project_list", "product_project", ["team_id", "id"])


def downgrade() -> None:
    """Drop the table, and with it everybody's projects."""
    op.drop_table("product_project")
