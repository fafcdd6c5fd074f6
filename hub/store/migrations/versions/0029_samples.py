"""How figures stood every few minutes, for the plots of the operators' pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "sample",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("town", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("hourly", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", "town", "at", name="pk_sample"),
    )
    op.create_index("ix_sample_at", "sample", ["at"])


def downgrade() -> None:
    """Forget the past."""
    op.drop_table("sample")
