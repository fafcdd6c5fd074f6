"""How often a snapshot missed a notice, and since when a source's answer is doubted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("notice") as table:
        table.add_column(sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("source") as table:
        table.add_column(sa.Column("doubt_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget the counters; what was decided by them stays."""
    with op.batch_alter_table("source") as table:
        table.drop_column("doubt_since")
    with op.batch_alter_table("notice") as table:
        table.drop_column("missed")
