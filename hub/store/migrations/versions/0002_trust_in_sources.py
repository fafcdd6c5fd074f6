"""What a source's polls brought, what is held back, WebSub subscriptions, the editor's address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)


def _text(name: str, kind: sa.types.TypeEngine[str] | None = None) -> sa.Column[str]:
    """Return a text column that older rows fill with nothing."""
    return sa.Column(name, kind or sa.Text(), nullable=False, server_default="")


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("source") as table:
        table.add_column(sa.Column("news_at", _UTC, nullable=True))
        table.add_column(sa.Column("broken_since", _UTC, nullable=True))
        table.add_column(_text("doubt"))
        table.add_column(_text("doubt_hash", sa.String(length=64)))
        table.add_column(_count("doubt_polls"))
        table.add_column(_text("trusted_hash", sa.String(length=64)))
    with op.batch_alter_table("municipality") as table:
        table.add_column(_text("contact"))
    _polls()
    _held_items()
    _websub()


def _polls() -> None:
    op.create_table(
        "poll",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        *(_count(name) for name in ("fresh", "revised", "withdrawn", "held", "refused")),
        _text("label", sa.String(length=32)),
        _text("detail"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_poll_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
    )
    op.create_index("ix_poll_source", "poll", ["source_id", "at"])


def _held_items() -> None:
    op.create_table(
        "held_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("held_at", _UTC, nullable=False),
        sa.Column("decided_at", _UTC, nullable=True),
        _text("verdict", sa.String(length=16)),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_held_item_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_item")),
        sa.UniqueConstraint("source_id", "key", name=op.f("uq_held_item_source_id")),
    )


def _websub() -> None:
    op.create_table(
        "websub",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", _UTC, nullable=False),
        sa.Column("verified_at", _UTC, nullable=True),
        sa.Column("lease_until", _UTC, nullable=True),
        sa.Column("delivered_at", _UTC, nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_websub_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_websub")),
    )


def downgrade() -> None:
    """Give back the first release's shape."""
    for name in ("websub", "held_item", "poll"):
        op.drop_table(name)
    with op.batch_alter_table("municipality") as table:
        table.drop_column("contact")
    with op.batch_alter_table("source") as table:
        for name in ("news_at", "broken_since", "doubt", "doubt_hash", "doubt_polls", "trusted_hash"):
            table.drop_column(name)
