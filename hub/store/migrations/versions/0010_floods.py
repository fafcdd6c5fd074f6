"""Counters of sign-ups, against floods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "flood",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.create_index("ix_flood_hour", "flood", ["hour"])


def downgrade() -> None:
    """Forget the counters."""
    op.drop_table("flood")
