"""Bundles of bursts, days of digests, an index of pauses, and place paths compared byte by byte."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "bundle",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_bundle_batch_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_bundle_notice_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("batch_id", "notice_id", name="pk_bundle"),
    )
    op.create_index("ix_bundle_notice_id", "bundle", ["notice_id"])
    with op.batch_alter_table("subscriber") as table:
        table.add_column(sa.Column("digest_days", sa.String(length=7), nullable=False, server_default="1234567"))
    awake = sa.text("paused_until IS NOT NULL")
    op.create_index("ix_route_paused", "route", ["paused_until"], sqlite_where=awake, postgresql_where=awake)
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE interest_key ALTER COLUMN path TYPE varchar(200) COLLATE "C"')


def downgrade() -> None:
    """Forget them; every digest is daily again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE interest_key ALTER COLUMN path TYPE varchar(200) COLLATE "default"')
    op.drop_index("ix_route_paused", "route")
    with op.batch_alter_table("subscriber") as table:
        table.drop_column("digest_days")
    op.drop_table("bundle")
