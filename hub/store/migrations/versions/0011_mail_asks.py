"""To which addresses a confirmation was sent within a day (E-02)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "mail_ask",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_mail_ask"),
    )
    op.create_index("ix_mail_ask_at", "mail_ask", ["at"])


def downgrade() -> None:
    """Forget whom we asked."""
    op.drop_table("mail_ask")
