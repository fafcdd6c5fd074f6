"""Tables of sign-in: accounts, their factors and roles, sign-ins, invitations, letters, tries, and the audit log."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from hub.store.schema.base import Utc, metadata, of, own_id


def _town() -> Column[str]:
    """Return the municipality that a row is about; empty: all of them."""
    return Column("municipality_id", String(64), ForeignKey("municipality.id", ondelete="CASCADE"))


user_account = Table(  # an editor or operator; residents have none
    "user_account", metadata,
    own_id(),
    Column("address", String(254), nullable=False, unique=True),  # lower case
    Column("name", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("handle", String(64), nullable=False, unique=True),  # base64url; names the account to authenticators
    Column("password", Text, nullable=False, default=""),  # Argon2id in PHC form; empty: signs in by other ways only
    Column("totp", String(200), nullable=False, default=""),  # as hub.strongbox keeps it; empty: not set up
    Column("totp_used", Integer, nullable=False, default=0),  # the time step of the last code: none is taken twice
    Column("issuer", Text, nullable=False, default=""),  # whose directory knows this person (OIDC) …
    Column("subject", Text, nullable=False, default=""),  # … under this name
    Column("created_at", Utc, nullable=False),
    Column("password_at", Utc), Column("signed_in_at", Utc), Column("ended_at", Utc),
    Index("ix_user_account_directory", "issuer", "subject"),
    sqlite_autoincrement=True,  # ids stand in the audit log and in devices' cookies
)  # fmt: skip

passkey = Table(
    "passkey", metadata,
    own_id(),
    of("account_id", "user_account.id", index=True),
    Column("credential", Text, nullable=False, unique=True),  # base64url
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("count", Integer, nullable=False),  # signatures, as the authenticator counts them; 0: it does not
    Column("name", String(80), nullable=False),
    Column("created_at", Utc, nullable=False), Column("used_at", Utc),
    sqlite_autoincrement=True,  # ids stand in forms, as those of roles do: an old page must not mean a newer row
)  # fmt: skip

recovery_code = Table(
    "recovery_code", metadata,
    own_id(),
    of("account_id", "user_account.id", index=True),
    Column("hash", String(64), nullable=False),
    Column("used_at", Utc),
)  # fmt: skip

login_session = Table(
    "login_session", metadata,
    own_id(),
    of("account_id", "user_account.id", index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("stage", String(16), nullable=False),  # hub.core.sessions.Stage
    Column("how", String(32), nullable=False),  # password, passkey, directory
    Column("agent", String(80), nullable=False),  # browser and system in words; no address (T-04)
    Column("created_at", Utc, nullable=False, index=True),
    Column("seen_at", Utc, nullable=False), Column("proved_at", Utc, nullable=False),
    Column("factor_at", Utc),  # when a second factor was last shown: a code, a passkey, or one of a directory
    sqlite_autoincrement=True,  # what is written into a sign-in that ended meanwhile must not be in another
)  # fmt: skip

role_grant = Table(
    "role_grant", metadata,
    own_id(),
    of("account_id", "user_account.id", index=True),
    _town(),
    Column("role", String(32), nullable=False),
    Column("bounds", JSON),  # of a club desk (hub.core.clubs)
    Column("origin", String(16), nullable=False, default="person"),  # person, or directory: comes and goes with it
    Column("created_at", Utc, nullable=False),
    Index("ix_role_grant_town", "municipality_id", "account_id"),
    sqlite_autoincrement=True,
)  # fmt: skip

invitation = Table(
    "invitation", metadata,
    own_id(),
    _town(),
    Column("address", String(254), nullable=False, index=True),
    Column("role", String(32), nullable=False),
    Column("bounds", JSON),
    Column("language", String(16), nullable=False),
    Column("by", String(80), nullable=False),  # an actor of the audit log
    Column("created_at", Utc, nullable=False), Column("until", Utc, nullable=False),
    Column("used_at", Utc), Column("revoked_at", Utc),
    sqlite_autoincrement=True,  # ids stand in links: an old one must not open a newer row
)  # fmt: skip

letter = Table(  # a mail to somebody with an account, or who is to have one; its link names this row, and works once
    "letter", metadata,
    own_id(),
    Column("sort", String(32), nullable=False),
    Column("address", String(254), nullable=False),
    Column("language", String(16), nullable=False),
    Column("account_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), index=True),
    Column("invitation_id", Integer, ForeignKey("invitation.id", ondelete="CASCADE"), index=True),
    Column("given", JSON, nullable=False),  # what its text needs
    Column("state", String(16), nullable=False),  # open, sent, failed, void (nobody has an account there)
    Column("created_at", Utc, nullable=False), Column("until", Utc, nullable=False),
    Column("due_at", Utc, nullable=False), Column("lease_until", Utc),
    Column("tries", Integer, nullable=False, default=0),
    Column("used_at", Utc),
    Index("ix_letter_due", "state", "due_at"),
    sqlite_autoincrement=True,
)  # fmt: skip

tries = Table(  # failed tries by account, device or network, all under keyed hashes (hub.core.throttle)
    "tries", metadata,
    Column("name", String(80), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Utc, nullable=False, index=True),
    Column("until", Utc, nullable=False),
)  # fmt: skip

spent = Table(  # what may be used once: challenges that were answered
    "spent", metadata,
    Column("hash", String(64), primary_key=True),
    Column("until", Utc, nullable=False, index=True),
)  # fmt: skip

audit = Table(  # outlives accounts and municipalities, so it refers to none of them
    "audit", metadata,
    own_id(),
    Column("at", Utc, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("act", String(64), nullable=False),
    Column("town", String(64), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String(64)),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_town", "town", "id"),
)  # fmt: skip
