"""Claims by turn, how far a worker may be ahead of its cursor, and the promised rate of a service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("batch") as table:
        table.add_column(sa.Column("ahead", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("service") as table:
        table.add_column(sa.Column("free_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_batch_turn", "batch")
    op.create_index("ix_batch_claim", "batch", ["state", "lane", "turn", "id", "due_at"])
    op.create_index("ix_batch_line", "batch", ["state", "lane", "municipality_id", "turn"])
    held = sa.text("owner IS NOT NULL")
    op.create_index("ix_batch_flight", "batch", ["notice_id"], sqlite_where=held, postgresql_where=held)
    # Those of before may be under way with up to 50 recipients in hand.
    op.execute("UPDATE batch SET ahead = 50 WHERE runs > 0 AND state = 'open'")


def downgrade() -> None:
    """Go back to a turn without its place in line."""
    for name in ("ix_batch_flight", "ix_batch_line", "ix_batch_claim"):
        op.drop_index(name, "batch")
    op.create_index("ix_batch_turn", "batch", ["state", "lane", "turn"])
    with op.batch_alter_table("service") as table:
        table.drop_column("free_at")
    with op.batch_alter_table("batch") as table:
        table.drop_column("ahead")
