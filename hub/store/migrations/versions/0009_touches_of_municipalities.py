"""Public calendars change with their municipality, so a touch may name one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("feed_touch") as table:
        table.add_column(sa.Column("municipality_id", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Back to a touch of an interest or a subscriber only; what is touched is forgotten within the hour anyway."""
    op.execute("DELETE FROM feed_touch")
    with op.batch_alter_table("feed_touch") as table:
        table.drop_column("municipality_id")
