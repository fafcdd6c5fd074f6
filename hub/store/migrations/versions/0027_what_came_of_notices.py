"""What came of a notice on each channel, counts by month, and the months that are over (F81, I23)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.schema.base import Utc

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_COUNTS = (
    "meant", "lapsed", "bundled", "muted", "doubled", "size", "own", "sent", "failed", "gone", "expired", "suppressed",
)  # fmt: skip


def upgrade() -> None:
    """Expand; of what went before only the sums over all channels are known."""
    op.create_table(
        "reach",
        sa.Column("notice_id", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("prompt", sa.JSON(), nullable=False),
        sa.Column("wished", sa.JSON(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=True),
        sa.Column("last", sa.Integer(), nullable=True),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_reach_notice_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notice_id", "revision", "channel", name="pk_reach"),
    )
    op.create_table(
        "footfall",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_footfall_municipality_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("municipality_id", "month", "name", name="pk_footfall"),
    )
    op.create_table(
        "impact",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_impact_municipality_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("municipality_id", "month", name="pk_impact"),
    )


def downgrade() -> None:
    """Forget them; what was counted over all channels stays."""
    for table in ("impact", "footfall", "reach"):
        op.drop_table(table)
