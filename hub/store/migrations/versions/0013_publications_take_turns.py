"""Publications stand in the line of their lane, and whoever carries one out holds a lease."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("stage <> 'done'")


def upgrade() -> None:
    """Expand. Those that are open already are all next, the oldest first."""
    op.add_column("publication", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("publication", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("publication", sa.Column("owner", sa.String(length=64), nullable=True))
    for name, columns in _INDEXES.items():
        op.create_index(name, "publication", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Go back to first come, first served."""
    for name in _INDEXES:
        op.drop_index(name, "publication")
    with op.batch_alter_table("publication") as table:
        for column in ("owner", "lease_until", "turn"):
            table.drop_column(column)


_INDEXES = {
    "ix_publication_claim": ["lane", "turn", "id"],
    "ix_publication_line": ["lane", "municipality_id", "turn"],
}
