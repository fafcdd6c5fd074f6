"""What a municipality has of its own: host names, push keys, a sender, languages; and half-done foundings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.schema.base import Utc

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_COLUMNS = {"host": 253, "languages": 0, "sender": 254, "sender_name": 0, "reply_to": 254, "dkim_domain": 253}


def _text(name: str, length: int = 0) -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False)


def _town(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_municipality_id_municipality"
    return sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("municipality") as table:
        for name, length in _COLUMNS.items():
            kind = sa.String(length) if length else sa.Text()
            table.add_column(sa.Column(name, kind, nullable=False, server_default=""))
    op.create_table(
        "town_host", _text("host", 253), _text("municipality_id", 64),
        sa.Column("rank", sa.Integer(), nullable=False), _town("town_host"),
        sa.PrimaryKeyConstraint("host", name="pk_town_host"),
    )  # fmt: skip
    op.create_index("ix_town_host_municipality_id", "town_host", ["municipality_id"])
    op.create_table(
        "push_key", _text("public", 100), _text("municipality_id", 64), _text("private"), _text("subject"),
        sa.Column("current", sa.Boolean(), nullable=False), sa.Column("created_at", Utc(), nullable=False),
        _town("push_key"), sa.PrimaryKeyConstraint("public", name="pk_push_key"),
    )  # fmt: skip
    op.create_index("ix_push_key_municipality_id", "push_key", ["municipality_id"])
    op.create_table(
        "founding",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        _text("logo"), _text("streets"), sa.Column("changed_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name="fk_founding_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_founding"),
    )  # fmt: skip


def downgrade() -> None:
    """Forget what municipalities had of their own."""
    for name in ("founding", "push_key", "town_host"):
        op.drop_table(name)
    with op.batch_alter_table("municipality") as table:
        for name in _COLUMNS:
            table.drop_column(name)
