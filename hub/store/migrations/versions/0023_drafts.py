"""What editors write: drafts with revisions and steps, attachments, templates, answers given once, test endpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.schema.base import Utc

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TABLES = ("test_endpoint", "answered", "template", "attachment", "draft_step", "draft_revision", "draft")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _time(name: str, *, needed: bool = True) -> sa.Column[object]:
    return sa.Column(name, Utc(), nullable=not needed)


def _text(name: str, length: int = 0) -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False)


def _json(name: str, *, needed: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=not needed)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=f"pk_{table}")


def upgrade() -> None:
    """Make the tables."""
    _drafts()
    _beside()


def _drafts() -> None:
    op.create_table(
        "draft", _number("id"), _text("key", 32), _text("municipality_id", 64), _text("state", 16), _text("mode", 8),
        _json("content"), _text("hash", 64), _number("version"), _text("title"), _number("author"),
        _number("changed_by"), _text("club", 32), _time("created_at"), _time("changed_at"),
        _time("due_at", needed=False), _json("published", needed=False), _number("revision"),
        _time("published_at", needed=False), _time("withdrawn_at", needed=False), _time("expires", needed=False),
        _refers("draft", "municipality_id", "municipality"), _key("draft"),
        sa.UniqueConstraint("key", name="uq_draft_key"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("ix_draft_town", "draft", ["municipality_id", "state", "changed_at"])
    op.create_index("ix_draft_due", "draft", ["state", "due_at"])
    op.create_table(
        "draft_revision", _number("draft_id"), _number("version"), _time("at"), _number("by"), _json("content"),
        _text("hash", 64), _number("own"), _refers("draft_revision", "draft_id", "draft"),
        _key("draft_revision", "draft_id", "version"),
    )  # fmt: skip
    op.create_table(
        "draft_step", _number("id"), _number("draft_id"), _time("at"), _number("by"), _text("act", 16),
        _text("hash", 64), _number("version"), _text("reason"), _refers("draft_step", "draft_id", "draft"),
        _key("draft_step"),
    )  # fmt: skip
    op.create_index("ix_draft_step_draft_id", "draft_step", ["draft_id"])
    op.create_index("ix_draft_step_act", "draft_step", ["act", "at"])


def _beside() -> None:
    op.create_table(
        "attachment", _text("name", 80), _text("municipality_id", 64), _text("media_type", 80), _number("size"),
        _text("content"), _time("created_at"), _refers("attachment", "municipality_id", "municipality"),
        _key("attachment", "name"),
    )  # fmt: skip
    op.create_index("ix_attachment_town", "attachment", ["municipality_id"])
    op.create_table(
        "template", _number("id"), _text("municipality_id", 64), _text("name", 80), _json("content"), _number("by"),
        _time("changed_at"), _refers("template", "municipality_id", "municipality"), _key("template"),
    )  # fmt: skip
    op.create_index("ix_template_town", "template", ["municipality_id"])
    op.create_table("answered", _text("key", 64), _text("location"), _time("at"), _key("answered", "key"))
    op.create_index("ix_answered_at", "answered", ["at"])
    op.create_table(
        "test_endpoint", _number("id"), _number("account_id"), _text("address"), _json("keys"), _text("name", 80),
        _time("created_at"), _refers("test_endpoint", "account_id", "user_account"), _key("test_endpoint"),
        sa.UniqueConstraint("address", name="uq_test_endpoint_address"),
    )  # fmt: skip
    op.create_index("ix_test_endpoint_account_id", "test_endpoint", ["account_id"])


def downgrade() -> None:
    """Forget what was written; what was published stays."""
    for table in _TABLES:
        op.drop_table(table)
