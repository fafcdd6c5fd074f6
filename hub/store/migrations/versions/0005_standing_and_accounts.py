"""What holds for a whole installation (on hold, moved away, who leads the ticks), and sums of purged batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COUNTS = ("meant", "sent", "failed", "gone", "expired", "suppressed")


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "standing",
        sa.Column("name", sa.String(length=96), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_standing"),
    )
    op.create_table(
        "account",
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_account_notice_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notice_id", "revision", name="pk_account"),
    )


def downgrade() -> None:
    """Forget both: an installation that is on hold must be released first."""
    op.drop_table("account")
    op.drop_table("standing")
