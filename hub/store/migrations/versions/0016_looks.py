"""What a municipality's pages look like: its logo, the pages its header and footer lead to, its words on barriers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TEXTS = ("imprint_url", "easy_url", "sign_url", "enforcement", "barriers")


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("municipality") as table:
        table.add_column(sa.Column("logo", sa.String(length=80), nullable=False, server_default=""))
        for name in _TEXTS:
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "picture",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("municipality_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_picture_municipality_id_municipality", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_picture"),
    )
    op.create_index("ix_picture_municipality_id", "picture", ["municipality_id"])


def downgrade() -> None:
    """Forget the looks."""
    op.drop_table("picture")
    with op.batch_alter_table("municipality") as table:
        for name in ("logo", *_TEXTS):
            table.drop_column(name)
