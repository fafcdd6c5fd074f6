"""Who is subscribed beside their own municipality, and which revisions say the same in several municipalities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of guests, which so far nobody is, the key of twins and their count."""
    op.create_table(
        "guest",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_guest_municipality_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_guest_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("municipality_id", "subscriber_id", name="pk_guest"),
    )
    op.create_index("ix_guest_subscriber_id", "guest", ["subscriber_id"])
    op.add_column("notice_revision", sa.Column("twin", sa.String(32), nullable=False, server_default=""))
    op.create_index(
        "ix_revision_twin", "notice_revision", ["twin"],
        sqlite_where=sa.text("twin <> ''"), postgresql_where=sa.text("twin <> ''"),
    )  # fmt: skip
    op.add_column("publication", sa.Column("doubled", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Forget them; guests follow from the subscriptions."""
    op.drop_column("publication", "doubled")
    op.drop_index("ix_revision_twin", "notice_revision")
    op.drop_column("notice_revision", "twin")
    op.drop_table("guest")
