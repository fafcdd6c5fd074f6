"""Tables of reminders, digests, batches and problems."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from hub.store.schema.base import Ids, Utc, metadata, of, own_id, town

_UNTALLIED = text("NOT tallied AND state = 'done'")
_RETRIES = text("retry_at IS NOT NULL")
_HELD = text("owner IS NOT NULL")

reminder = Table(
    "reminder", metadata,
    own_id(),
    of("notice_id", "notice.id", String(32), index=True),
    Column("slot", String(200), nullable=False),
    of("interest_id", "interest.id"),
    Column("channel", String(32), nullable=False),
    Column("lead", String(16), nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("valid_until", Utc, nullable=False),
    Column("state", String(16), nullable=False),  # planned, fired, missed
    UniqueConstraint("notice_id", "slot", "interest_id", "channel", "lead"),
    Index("ix_reminder_due", "state", "due_at"),
)  # fmt: skip

digest_entry = Table(
    "digest_entry", metadata,
    of("endpoint_id", "endpoint.id", key=True),
    of("notice_id", "notice.id", String(32), key=True),
    Column("revision", Integer, nullable=False),
    Column("batch_id", Integer, index=True),  # the digest it goes out with
)  # fmt: skip

batch = Table(
    "batch", metadata,
    own_id(),
    town(),
    Column("notice_id", String(32), ForeignKey("notice.id", ondelete="CASCADE"), index=True),
    Column("revision", Integer, nullable=False),
    Column("change", String(16), nullable=False),
    Column("slot", String(200), nullable=False, default=""),
    Column("lead", String(16), nullable=False, default=""),
    Column("channel", String(32), nullable=False),
    Column("service", String(255), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # open, done
    Column("ids", Ids, nullable=False),  # endpoints, at most 500
    Column("size", Integer, nullable=False, default=0),  # how many
    Column("cursor", Integer, nullable=False, default=0),
    Column("ahead", Integer, nullable=False, default=0),  # how many beyond the cursor its worker may have told
    # Whose turn it is within the lane: virtual start time, so that municipalities are served by turns (F-03).
    Column("turn", BigInteger, nullable=False, default=0),
    Column("due_at", Utc, nullable=False),
    Column("valid_until", Utc, nullable=False),
    Column("lease_until", Utc), Column("owner", String(64)),
    Column("runs", Integer, nullable=False, default=0),
    Column("sent", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("gone", Integer, nullable=False, default=0),
    Column("expired", Integer, nullable=False, default=0),
    Column("suppressed", Integer, nullable=False, default=0),  # left meanwhile, or nothing left to say
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc),  # when the hub learned what this tells; empty for what no source or editor said
    Column("first_at", Utc), Column("done_at", Utc),  # the first hand-over, and the last
    Index("ix_batch_due", "state", "lane", "due_at"),
    Column("wanted_at", Utc),  # when it was to be told; ``due_at`` moves with every retry
    Column("tallied", Boolean, nullable=False, default=False, server_default=false()),  # counted in ``tally``
    Index("ix_batch_created", "created_at"),
    Index("ix_batch_untallied", "id", sqlite_where=_UNTALLIED, postgresql_where=_UNTALLIED),
    Index("ix_batch_claim", "state", "lane", "turn", "id", "due_at"),
    Index("ix_batch_line", "state", "lane", "municipality_id", "turn"),
    Index("ix_batch_flight", "notice_id", sqlite_where=_HELD, postgresql_where=_HELD),
    sqlite_autoincrement=True,  # a digest's Message-ID is made of it: mailboxes drop a second mail of the same
)  # fmt: skip

bundle = Table(  # news that waits a little to be told together: which of a batch's recipients hear of which notice
    "bundle", metadata,
    of("batch_id", "batch.id", key=True),
    of("notice_id", "notice.id", String(32), key=True, index=True),
    Column("revision", Integer, nullable=False),
    Column("ids", Ids, nullable=False),
)  # fmt: skip

problem = Table(  # only what failed or is tried again has a row of its own
    "problem", metadata,
    of("batch_id", "batch.id", key=True),
    Column("endpoint_id", Integer, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Utc),
    Column("verdict", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_problem_at", "at"),
    Index("ix_problem_retry", "retry_at", sqlite_where=_RETRIES, postgresql_where=_RETRIES),
)  # fmt: skip

service = Table(  # what a push service or mail domain asked of us, shared by all workers
    "service", metadata,
    Column("channel", String(32), primary_key=True),
    Column("name", String(255), primary_key=True),  # origin of the push service, domain of the mail server
    Column("paused_until", Utc),  # 429, or an open circuit
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("rate", Integer, nullable=False, default=0),  # hand-overs a second at most; 0: not limited
    Column("free_at", Utc),  # until when the rate is promised to batches under way
    Column("changed_at", Utc, nullable=False),
)  # fmt: skip

heartbeat = Table(  # the processes that work for this installation, and the ticker
    "heartbeat", metadata,
    Column("name", String(64), primary_key=True),  # host-pid-random, as in leases
    Column("role", String(16), nullable=False),  # serve, web, work, tick
    Column("lanes", String(128), nullable=False, default=""),
    Column("started_at", Utc, nullable=False),
    Column("at", Utc, nullable=False, index=True),
    Column("detail", Text, nullable=False, default=""),
)  # fmt: skip

standing = Table(  # what holds for the whole installation: on hold, moved away, who leads the ticks
    "standing", metadata,
    Column("name", String(96), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Utc, nullable=False),
)  # fmt: skip

account = Table(  # what became of a revision's deliveries, once its batches are forgotten
    "account", metadata,
    of("notice_id", "notice.id", String(32), key=True),
    Column("revision", Integer, primary_key=True),
    Column("meant", Integer, nullable=False, default=0),
    Column("sent", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("gone", Integer, nullable=False, default=0),
    Column("expired", Integer, nullable=False, default=0),
    Column("suppressed", Integer, nullable=False, default=0),
)  # fmt: skip
