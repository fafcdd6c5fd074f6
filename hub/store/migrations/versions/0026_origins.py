"""Which notices another installation gave us, so that they are not given back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the origin, which is our own so far."""
    op.add_column("notice", sa.Column("origin", sa.String(64), nullable=False, server_default=""))
    op.create_index(
        "ix_notice_origin", "notice", ["municipality_id"],
        sqlite_where=sa.text("origin <> ''"), postgresql_where=sa.text("origin <> ''"),
    )  # fmt: skip


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_notice_origin", "notice")
    op.drop_column("notice", "origin")
