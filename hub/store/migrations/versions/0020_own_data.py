"""Ids of people are given once; moves to another device, changed addresses, and who is still to be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Their ids stand in secret links, in batches and in calendars: nobody else may get one of them later.
_NAMED = ("subscriber", "endpoint", "interest")
_AHEAD = 100_000  # beyond what there is: how many ids were given and taken back before is not known


def upgrade() -> None:
    """Expand; PostgreSQL's sequences never give an id twice, SQLite's tables have to be told."""
    at = sa.DateTime(timezone=True)
    op.add_column("endpoint", sa.Column("replaces", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _count_on()
    op.create_table(
        "move",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", at, nullable=False),
        sa.Column("ends", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_move_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_move"),
    )  # fmt: skip
    op.create_index("ix_move_code_hash", "move", ["code_hash"])
    op.create_table(
        "erased",
        sa.Column("endpoint_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", at, nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id", name="pk_erased"),
    )


def _count_on() -> None:
    """Make the tables anew so that they count on from what they ever gave."""
    for name in _NAMED:
        with op.batch_alter_table(name, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
    bind = op.get_bind()
    if bind.execute(sa.text("SELECT 1 FROM municipality LIMIT 1")).first() is None:
        return  # a new installation
    for name in _NAMED:
        bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
        ahead = sa.text(f"INSERT INTO sqlite_sequence SELECT :name, coalesce(max(id), 0) + :ahead FROM {name}")  # noqa: S608 - our own names
        bind.execute(ahead, {"name": name, "ahead": _AHEAD})


def downgrade() -> None:
    """Forget them; an open move has to be begun again."""
    op.drop_table("erased")
    op.drop_table("move")
    with op.batch_alter_table("endpoint") as table:
        table.drop_column("replaces")
