"""Alarms, canaries and tallies; what the watch needs to look at recent rows only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_INDEXES = (
    ("ix_batch_created", "batch", "created_at"),
    ("ix_publication_created", "publication", "created_at"),
    ("ix_revision_at", "notice_revision", "at"),
    ("ix_problem_at", "problem", "at"),
)
_UNTALLIED = sa.text("NOT tallied AND state = 'done'")
_RETRIES = sa.text("retry_at IS NOT NULL")


def _text(name: str, kind: sa.types.TypeEngine[str] | None = None) -> sa.Column[str]:
    return sa.Column(name, kind or sa.Text(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("batch") as table:
        table.add_column(sa.Column("wanted_at", _UTC, nullable=True))
        table.add_column(sa.Column("tallied", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE batch SET tallied = (state = 'done')")
    op.create_index("ix_batch_untallied", "batch", ["id"], sqlite_where=_UNTALLIED, postgresql_where=_UNTALLIED)
    op.create_index("ix_problem_retry", "problem", ["retry_at"], sqlite_where=_RETRIES, postgresql_where=_RETRIES)
    for name in ("way", "endpoint"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("since", sa.Integer(), nullable=False, server_default="0"))
    for name, table_name, column in _INDEXES:
        op.create_index(name, table_name, [column])
    _tables()


def _tables() -> None:
    op.create_table(
        "alarm",
        _text("key", sa.String(length=200)), _text("kind", sa.String(length=32)), _text("sentence"), _text("given"),
        sa.Column("begun_at", _UTC, nullable=False), sa.Column("seen_at", _UTC, nullable=False),
        *(sa.Column(name, _UTC, nullable=True) for name in ("over_at", "told_at", "told_over_at", "asked_at")),
        sa.PrimaryKeyConstraint("key", name="pk_alarm"),
    )  # fmt: skip
    op.create_table(
        "canary",
        _text("municipality_id", sa.String(length=64)), _text("channel", sa.String(length=32)),
        sa.Column("endpoint_id", sa.Integer(), nullable=False), sa.Column("asked_at", _UTC, nullable=True),
        sa.Column("waits_since", _UTC, nullable=True),
        _text("notice_id", sa.String(length=32)), sa.Column("proved_at", _UTC, nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False), _text("how", sa.String(length=16)), _text("fault"),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_canary_municipality_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("municipality_id", "channel", name="pk_canary"),
    )  # fmt: skip
    op.create_table(
        "tally",
        _text("channel", sa.String(length=32)), _text("lane", sa.String(length=16)),
        _text("name", sa.String(length=32)), _count("value"),
        sa.PrimaryKeyConstraint("channel", "lane", "name", name="pk_tally"),
    )  # fmt: skip
    op.create_table(
        "budget",
        _text("municipality_id", sa.String(length=64)), _text("day", sa.String(length=10)),
        _text("channel", sa.String(length=32)), _count("kept"), _count("late"), _count("lost"),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_budget_municipality_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("municipality_id", "day", "channel", name="pk_budget"),
    )  # fmt: skip
    op.create_table(
        "mark",
        _text("name", sa.String(length=64)),
        sa.Column("since", _UTC, nullable=False), sa.Column("at", _UTC, nullable=False), _count("count"),
        sa.PrimaryKeyConstraint("name", name="pk_mark"),
    )  # fmt: skip


def downgrade() -> None:
    """Forget the proofs."""
    for name in ("mark", "budget", "tally", "canary", "alarm"):
        op.drop_table(name)
    for name, table_name, _ in (*_INDEXES, ("ix_problem_retry", "problem", ""), ("ix_batch_untallied", "batch", "")):
        op.drop_index(name, table_name)
    for name in ("way", "endpoint"):
        with op.batch_alter_table(name) as table:
            table.drop_column("since")
    with op.batch_alter_table("batch") as table:
        table.drop_column("tallied")
        table.drop_column("wanted_at")
