"""What notices are found by: their words, when they begin, when they are over."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.core.codec import from_json, occurrence_from_json
from hub.core.selection import begins, is_over_at
from hub.core.sought import sought
from hub.store.schema.base import Utc

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PAGE = 200


def upgrade() -> None:
    """Add the columns and fill them from what the notices say."""
    op.add_column("notice", sa.Column("sought", sa.Text(), nullable=False, server_default=""))
    op.add_column("notice", sa.Column("begins_at", Utc(), nullable=True))
    op.add_column("notice", sa.Column("over_at", Utc(), nullable=True))
    op.create_index("ix_notice_seen", "notice", ["municipality_id", "first_seen_at", "id"])
    op.create_index("ix_notice_changed", "notice", ["municipality_id", "changed_at"])
    _fill(op.get_bind())


def _fill(bind: sa.Connection) -> None:
    notice = sa.table(
        "notice", sa.column("id", sa.String), sa.column("municipality_id", sa.String),
        sa.column("content", sa.JSON), sa.column("sought", sa.Text), sa.column("begins_at", Utc),
        sa.column("over_at", Utc),
    )  # fmt: skip
    town = sa.table("municipality", sa.column("id", sa.String), sa.column("zone", sa.String))
    date = sa.table("occurrence", sa.column("notice_id", sa.String), sa.column("content", sa.JSON))
    zones: dict[str, str] = {row.id: row.zone for row in bind.execute(sa.select(town.c.id, town.c.zone))}
    last = ""
    query = sa.select(notice.c.id, notice.c.municipality_id, notice.c.content).order_by(notice.c.id).limit(_PAGE)
    while rows := bind.execute(query.where(notice.c.id > last)).all():
        last = rows[-1].id
        dates: dict[str, list[Any]] = {}
        for one in bind.execute(sa.select(date).where(date.c.notice_id.in_([row.id for row in rows]))):
            dates.setdefault(one.notice_id, []).append(occurrence_from_json(one.content))
        for row in rows:
            known, zone, dated = from_json(row.content), zones[row.municipality_id], dates.get(row.id, [])
            bind.execute(
                sa.update(notice).where(notice.c.id == row.id).values(
                    sought=sought(known), begins_at=begins(known, dated, zone), over_at=is_over_at(known, dated, zone)
                )
            )  # fmt: skip


def downgrade() -> None:
    """Forget them; they follow from the notices."""
    op.drop_index("ix_notice_changed", "notice")
    op.drop_index("ix_notice_seen", "notice")
    for name in ("over_at", "begins_at", "sought"):
        op.drop_column("notice", name)
