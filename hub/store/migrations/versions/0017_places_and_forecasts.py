"""Places found by the beginning of a name and by municipality; whether a revision was told, for forecasts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KNOWN = """
UPDATE notice_revision SET announce = (
    SELECT publication.announce FROM publication
    WHERE publication.notice_id = notice_revision.notice_id AND publication.revision = notice_revision.revision
)
"""


def upgrade() -> None:
    """Expand; of revisions whose publication was forgotten it stays unknown whether they were told."""
    op.create_index("ix_place_town", "place", ["municipality_id", "kind"])
    with op.batch_alter_table("notice_revision") as table:
        table.add_column(sa.Column("announce", sa.Boolean(), nullable=True))
    op.execute(_KNOWN)
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE place ALTER COLUMN sought TYPE text COLLATE "C"')


def downgrade() -> None:
    """Forget it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE place ALTER COLUMN sought TYPE text COLLATE "default"')
    with op.batch_alter_table("notice_revision") as table:
        table.drop_column("announce")
    op.drop_index("ix_place_town", "place")
