"""Sign-in of editors and operators: accounts, factors, roles, sign-ins, invitations, letters, tries, the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.schema.base import Utc

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLES = (
    "audit", "spent", "tries", "letter", "invitation", "role_grant", "login_session", "recovery_code", "passkey",
    "user_account",
)  # fmt: skip


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _time(name: str, *, needed: bool = True) -> sa.Column[object]:
    return sa.Column(name, Utc(), nullable=not needed)


def _text(name: str, length: int = 0) -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False)


def _town() -> sa.Column[str]:
    return sa.Column("municipality_id", sa.String(64), nullable=True)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _key(table: str, column: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=f"pk_{table}")


def upgrade() -> None:
    """Make the tables."""
    _accounts()
    _factors()
    _roles()
    _letters()
    op.create_table(
        "tries", _text("name", 80), sa.Column("count", sa.Integer(), nullable=False), _time("last_at"),
        _time("until"), _key("tries", "name"),
    )  # fmt: skip
    op.create_index("ix_tries_last_at", "tries", ["last_at"])
    op.create_table("spent", _text("hash", 64), _time("until"), _key("spent", "hash"))
    op.create_index("ix_spent_until", "spent", ["until"])
    op.create_table(
        "audit", _id(), _time("at"), _text("actor", 80), _text("act", 64), _text("town", 64), _text("subject", 120),
        sa.Column("detail", sa.JSON(), nullable=False), sa.Column("previous", sa.String(64), nullable=True),
        _text("hash", 64), _key("audit"),
    )  # fmt: skip
    op.create_index("ix_audit_town", "audit", ["town", "id"])


def _accounts() -> None:
    op.create_table(
        "user_account", _id(), _text("address", 254), _text("name"), _text("language", 16), _text("handle", 64),
        _text("password"), _text("totp", 64), sa.Column("totp_used", sa.Integer(), nullable=False), _text("issuer"),
        _text("subject"), _time("created_at"), _time("password_at", needed=False), _time("signed_in_at", needed=False),
        _time("ended_at", needed=False), _key("user_account"),
        sa.UniqueConstraint("address", name="uq_user_account_address"),
        sa.UniqueConstraint("handle", name="uq_user_account_handle"),
    )  # fmt: skip
    op.create_index("ix_user_account_directory", "user_account", ["issuer", "subject"])
    op.create_table(
        "login_session", _id(), sa.Column("account_id", sa.Integer(), nullable=False), _text("token_hash", 64),
        _text("stage", 16), _text("how", 32), _text("agent", 80), _time("created_at"), _time("seen_at"),
        _time("proved_at"), _refers("login_session", "account_id", "user_account"), _key("login_session"),
        sa.UniqueConstraint("token_hash", name="uq_login_session_token_hash"),
    )  # fmt: skip
    op.create_index("ix_login_session_account_id", "login_session", ["account_id"])
    op.create_index("ix_login_session_created_at", "login_session", ["created_at"])


def _factors() -> None:
    op.create_table(
        "passkey", _id(), sa.Column("account_id", sa.Integer(), nullable=False), _text("credential"),
        sa.Column("public_key", sa.LargeBinary(), nullable=False), sa.Column("count", sa.Integer(), nullable=False),
        _text("name", 80), _time("created_at"), _time("used_at", needed=False),
        _refers("passkey", "account_id", "user_account"), _key("passkey"),
        sa.UniqueConstraint("credential", name="uq_passkey_credential"),
    )  # fmt: skip
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])
    op.create_table(
        "recovery_code", _id(), sa.Column("account_id", sa.Integer(), nullable=False), _text("hash", 64),
        _time("used_at", needed=False), _refers("recovery_code", "account_id", "user_account"), _key("recovery_code"),
    )  # fmt: skip
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"])


def _roles() -> None:
    op.create_table(
        "role_grant", _id(), sa.Column("account_id", sa.Integer(), nullable=False), _town(), _text("role", 32),
        sa.Column("bounds", sa.JSON(), nullable=True), _text("origin", 16), _time("created_at"),
        _refers("role_grant", "account_id", "user_account"), _refers("role_grant", "municipality_id", "municipality"),
        _key("role_grant"),
    )  # fmt: skip
    op.create_index("ix_role_grant_account_id", "role_grant", ["account_id"])
    op.create_index("ix_role_grant_town", "role_grant", ["municipality_id", "account_id"])
    op.create_table(
        "invitation", _id(), _town(), _text("address", 254), _text("role", 32),
        sa.Column("bounds", sa.JSON(), nullable=True), _text("language", 16), _text("by", 80), _time("created_at"),
        _time("until"), _time("used_at", needed=False), _time("revoked_at", needed=False),
        _refers("invitation", "municipality_id", "municipality"), _key("invitation"),
    )  # fmt: skip
    op.create_index("ix_invitation_address", "invitation", ["address"])


def _letters() -> None:
    op.create_table(
        "letter", _id(), _text("sort", 32), _text("address", 254), _text("language", 16),
        sa.Column("account_id", sa.Integer(), nullable=True), sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("given", sa.JSON(), nullable=False), _text("state", 16), _time("created_at"), _time("until"),
        _time("due_at"), _time("lease_until", needed=False), sa.Column("tries", sa.Integer(), nullable=False),
        _time("used_at", needed=False), _refers("letter", "account_id", "user_account"),
        _refers("letter", "invitation_id", "invitation"), _key("letter"),
    )  # fmt: skip
    op.create_index("ix_letter_account_id", "letter", ["account_id"])
    op.create_index("ix_letter_invitation_id", "letter", ["invitation_id"])
    op.create_index("ix_letter_due", "letter", ["state", "due_at"])


def downgrade() -> None:
    """Forget everybody who signs in, and the audit log."""
    for table in _TABLES:
        op.drop_table(table)
