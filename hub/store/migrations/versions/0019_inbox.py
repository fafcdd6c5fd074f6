"""What people have read, and when a notice last was news (F67, U12)."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; who is there already has nothing to catch up on."""
    at = sa.DateTime(timezone=True)
    with op.batch_alter_table("notice") as table:
        table.add_column(sa.Column("news_at", at))
        table.add_column(sa.Column("told", sa.Boolean()))
    with op.batch_alter_table("subscriber") as table:
        table.add_column(sa.Column("read_until", at))
    _fill(at)
    with op.batch_alter_table("notice") as table:
        table.alter_column("news_at", existing_type=at, nullable=False)
        table.alter_column("told", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("subscriber") as table:
        table.alter_column("read_until", existing_type=at, nullable=False)
    op.create_table(
        "read_mark",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("at", at, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_read_mark_subscriber_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_read_mark_notice_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id", "notice_id", name="pk_read_mark"),
    )
    op.create_index("ix_read_mark_notice_id", "read_mark", ["notice_id"])


def _fill(at: sa.DateTime) -> None:
    now = datetime.now(UTC) if op.get_bind().dialect.name == "postgresql" else datetime.now(UTC).replace(tzinfo=None)
    notice = sa.table(
        "notice", sa.column("id", sa.String), sa.column("first_seen_at", at), sa.column("news_at", at),
        sa.column("told", sa.Boolean),
    )  # fmt: skip
    step = sa.table(
        "notice_revision", sa.column("notice_id", sa.String), sa.column("at", at), sa.column("announce", sa.Boolean)
    )
    last = (
        sa.select(sa.func.max(step.c.at)).where(step.c.notice_id == notice.c.id, step.c.announce.is_(True))
    ).scalar_subquery()
    op.execute(notice.update().values(news_at=sa.func.coalesce(last, notice.c.first_seen_at), told=last.is_not(None)))
    person = sa.table("subscriber", sa.column("read_until", at))
    op.execute(person.update().values(read_until=now))


def downgrade() -> None:
    """Forget what was read; everything else stays."""
    op.drop_table("read_mark")
    with op.batch_alter_table("subscriber") as table:
        table.drop_column("read_until")
    with op.batch_alter_table("notice") as table:
        table.drop_column("told")
        table.drop_column("news_at")
