"""Material for pushes made beforehand, and an index of endpoints that have ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "prekey",
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name="fk_prekey_endpoint_id_endpoint", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("endpoint_id", name="pk_prekey"),
    )
    op.create_index("ix_prekey_made_at", "prekey", ["made_at"])
    ended = sa.text("ended_why <> ''")
    op.create_index("ix_endpoint_ended", "endpoint", ["subscriber_id"], sqlite_where=ended, postgresql_where=ended)


def downgrade() -> None:
    """Forget them: every message can be encrypted without."""
    op.drop_index("ix_endpoint_ended", "endpoint")
    op.drop_table("prekey")
