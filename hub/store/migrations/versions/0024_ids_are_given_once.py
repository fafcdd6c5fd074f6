"""Ids that stand in links, forms, cookies and the audit log are given once, also after the last row is gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_NAMED = (
    "user_account", "passkey", "login_session", "role_grant", "invitation", "letter", "held_item", "publication",
    "batch",
)  # fmt: skip
_AHEAD = 100_000  # beyond what there is: how many ids were given and taken back before is not known


def upgrade() -> None:
    """Let SQLite's tables count on; PostgreSQL's sequences never give an id twice. A sealed TOTP secret is longer."""
    if op.get_bind().dialect.name == "sqlite":
        _count_on()
    else:
        op.alter_column("user_account", "totp", existing_type=sa.String(64), type_=sa.String(200))


def _count_on() -> None:
    """Make the tables anew so that they count on from what they ever gave."""
    bind = op.get_bind()
    for name in _NAMED:
        with op.batch_alter_table(name, recreate="always", table_kwargs={"sqlite_autoincrement": True}) as table:
            if name == "user_account":
                table.alter_column("totp", existing_type=sa.String(64), type_=sa.String(200), existing_nullable=False)
    if bind.execute(sa.text("SELECT 1 FROM secret LIMIT 1")).first() is None:
        return  # a new installation
    for name in _NAMED:
        bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
        ahead = sa.text(f"INSERT INTO sqlite_sequence SELECT :name, coalesce(max(id), 0) + :ahead FROM {name}")  # noqa: S608 - our own names
        bind.execute(ahead, {"name": name, "ahead": _AHEAD})


def downgrade() -> None:
    """Shorten the secrets' column again. A longer value stays on SQLite, and keeps PostgreSQL from going down."""
    with op.batch_alter_table("user_account") as table:
        table.alter_column("totp", existing_type=sa.String(200), type_=sa.String(64), existing_nullable=False)
