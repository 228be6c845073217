"""Where the migrations of your product start.

Add the next one with:

    alembic revision --autogenerate --head product@head \\
        --version-path service/product/migrations -m "What it does"

Revision ID: product_0001
"""

from collections.abc import Sequence

revision: str = "product_0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("product",)
# Your tables may refer to the template's.
depends_on: str | Sequence[str] | None = ("template_0001",)


def upgrade() -> None:
    """Makes nothing yet."""


def downgrade() -> None:
    """Removes nothing yet."""
