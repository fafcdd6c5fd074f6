"""The tables for the glossary (README). Times are UTC; JSON holds what is only read whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware time, kept as UTC: ``timestamptz`` on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody could say when it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _town() -> Column[str]:
    return Column(
        "municipality_id",
        String(64),
        ForeignKey("municipality.id", ondelete="CASCADE"),
        nullable=False,
    )


def _of(
    name: str,
    target: str,
    kind: Any = Integer,
    *,
    key: bool = False,
    index: bool = False,
) -> Column[Any]:
    return Column(
        name, kind, ForeignKey(target, ondelete="CASCADE"), nullable=False, primary_key=key, index=index
    )  # fmt: skip


municipality = Table(
    "municipality", metadata,
    Column("id", String(64), primary_key=True),  # a slug, as it stands in URLs
    Column("name", Text, nullable=False),
    Column("path", String(200), nullable=False),  # its place in the tree
    Column("language", String(16), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("colour", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
)  # fmt: skip

place = Table(
    "place", metadata,
    Column("path", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("sought", Text, nullable=False, index=True),  # folded name, for the search
    Column("population", Integer),
    Column("lat", Float), Column("lon", Float),
    Column("nuts", String(8)),
    Column("municipality_id", String(64), ForeignKey("municipality.id", ondelete="CASCADE")),  # local places only
)  # fmt: skip

code = Table(  # CPV, NUTS, warn cells: what a code is called
    "code", metadata,
    Column("scheme", String(16), primary_key=True),
    Column("value", String(32), primary_key=True),
    Column("label", Text, nullable=False),
)  # fmt: skip

holiday = Table(
    "holiday", metadata,
    Column("land", String(2), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("name", Text, nullable=False),
)  # fmt: skip

secret = Table(  # keys that `ortsruf init` makes; in the database so that a backup holds them
    "secret", metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
)  # fmt: skip

source = Table(
    "source", metadata,
    Column("id", String(32), primary_key=True),
    _town(),
    Column("kind", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("topic", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("interval", Integer, nullable=False),  # seconds
    Column("places", JSON, nullable=False),
    Column("config", JSON, nullable=False),
    Column("state", JSON, nullable=False),  # validators and cursor of the last good poll
    Column("enabled", Boolean, nullable=False, default=True),
    Column("imported", Boolean, nullable=False, default=False),  # has the silent first import happened?
    Column("next_poll_at", Utc, nullable=False, index=True),
    Column("lease_until", Utc), Column("owner", String(64)),
    Column("polled_at", Utc), Column("succeeded_at", Utc),
    Column("failures", Integer, nullable=False, default=0),
    Column("fault", Text, nullable=False, default=""),
    Column("held", Integer, nullable=False, default=0),  # items of the last poll that were refused
)  # fmt: skip

notice = Table(
    "notice", metadata,
    Column("id", String(32), primary_key=True),
    _town(),
    Column("source_id", String(32), ForeignKey("source.id", ondelete="SET NULL"), index=True),
    Column("topic", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("expires", Utc),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("first_seen_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Index("ix_notice_list", "municipality_id", "topic", "changed_at"),
)  # fmt: skip

notice_alias = Table(  # every name the source ever gave it: updates refer to any of them
    "notice_alias", metadata,
    Column("source_id", String(32), primary_key=True),
    Column("key", Text, primary_key=True),
    _of("notice_id", "notice.id", String(32), index=True),
)  # fmt: skip

notice_place = Table(
    "notice_place", metadata,
    _of("notice_id", "notice.id", String(32), key=True),
    Column("path", String(200), primary_key=True, index=True),
)  # fmt: skip

notice_revision = Table(
    "notice_revision", metadata,
    _of("notice_id", "notice.id", String(32), key=True),
    Column("revision", Integer, primary_key=True),
    Column("change", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("moved", JSON, nullable=False),  # [{slot, before, after}]
    Column("at", Utc, nullable=False),
)  # fmt: skip

occurrence = Table(
    "occurrence", metadata,
    _of("notice_id", "notice.id", String(32), key=True),
    Column("slot", String(200), primary_key=True),
    Column("start_at", Utc, nullable=False, index=True),
    Column("end_at", Utc, nullable=False),
    Column("content", JSON, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("changed_at", Utc, nullable=False),
)  # fmt: skip

publication = Table(  # the done-mark of one revision's way to its people
    "publication", metadata,
    _id(),
    _town(),
    _of("notice_id", "notice.id", String(32)),
    Column("revision", Integer, nullable=False),
    Column("change", String(16), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("announce", Boolean, nullable=False),
    Column("stage", String(16), nullable=False, default="match"),  # match, now, earlier, done
    Column("position", Integer, nullable=False, default=0),  # last endpoint (or batch) dealt with in this stage
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("notice_id", "revision"),
    Index("ix_publication_open", "stage", "id"),
)  # fmt: skip

interest = Table(
    "interest", metadata,
    _id(),
    _town(),
    Column("key", String(64), nullable=False),
    Column("criteria", JSON, nullable=False),
    Column("filled", Boolean, nullable=False, default=False),  # laid over the notices that were there before it?
    UniqueConstraint("municipality_id", "key"),
)  # fmt: skip

interest_key = Table(  # candidates by topic and place; "" stands for any
    "interest_key", metadata,
    Column("municipality_id", String(64), primary_key=True),
    Column("topic", String(32), primary_key=True),
    Column("path", String(200), primary_key=True),
    _of("interest_id", "interest.id", key=True, index=True),
)  # fmt: skip

match = Table(
    "match", metadata,
    _of("notice_id", "notice.id", String(32), key=True),
    _of("interest_id", "interest.id", key=True, index=True),
    Column("revision", Integer, nullable=False),
    Column("reason", JSON, nullable=False),
)  # fmt: skip

subscriber = Table(
    "subscriber", metadata,
    _id(),
    _town(),
    Column("language", String(16), nullable=False),
    Column("digest_at", String(5), nullable=False),  # local wall time HH:MM
    Column("quiet_from", String(5)), Column("quiet_to", String(5)),
    Column("paused_until", Utc),
    Column("next_digest_at", Utc, nullable=False, index=True),
    Column("generation", Integer, nullable=False, default=1),  # a new one revokes every old link
    Column("created_at", Utc, nullable=False),
)  # fmt: skip

endpoint = Table(
    "endpoint", metadata,
    _id(),
    _town(),
    _of("subscriber_id", "subscriber.id", index=True),
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("service", String(255), nullable=False),
    Column("keys", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # pending, active, gone, ended
    Column("created_at", Utc, nullable=False),
    Column("confirmed_at", Utc), Column("asked_at", Utc), Column("ended_at", Utc),
    Index("ix_endpoint_address", "municipality_id", "channel", "address_hash"),
)  # fmt: skip

subscription = Table(
    "subscription", metadata,
    _id(),
    _of("subscriber_id", "subscriber.id", index=True),
    _of("interest_id", "interest.id", index=True),
    UniqueConstraint("subscriber_id", "interest_id"),
)  # fmt: skip

way = Table(
    "way", metadata,
    _of("subscription_id", "subscription.id", key=True),
    Column("channel", String(32), primary_key=True),
    Column("action", String(16), primary_key=True),
    Column("lead", String(16), primary_key=True, default=""),
)  # fmt: skip

reminder = Table(
    "reminder", metadata,
    _id(),
    _of("notice_id", "notice.id", String(32), index=True),
    Column("slot", String(200), nullable=False),
    _of("interest_id", "interest.id"),
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
    _of("endpoint_id", "endpoint.id", key=True),
    _of("notice_id", "notice.id", String(32), key=True),
    Column("revision", Integer, nullable=False),
    Column("batch_id", Integer, index=True),  # the digest it goes out with
)  # fmt: skip

batch = Table(
    "batch", metadata,
    _id(),
    _town(),
    Column("notice_id", String(32), ForeignKey("notice.id", ondelete="CASCADE"), index=True),
    Column("revision", Integer, nullable=False),
    Column("change", String(16), nullable=False),
    Column("slot", String(200), nullable=False, default=""),
    Column("lead", String(16), nullable=False, default=""),
    Column("channel", String(32), nullable=False),
    Column("service", String(255), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # open, done
    Column("ids", JSON, nullable=False),  # endpoints, at most 500
    Column("cursor", Integer, nullable=False, default=0),
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
    Index("ix_batch_due", "state", "lane", "due_at"),
)  # fmt: skip

problem = Table(  # only what failed or is tried again has a row of its own
    "problem", metadata,
    _of("batch_id", "batch.id", key=True),
    Column("endpoint_id", Integer, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Utc),
    Column("verdict", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Utc, nullable=False),
)  # fmt: skip
