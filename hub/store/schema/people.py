"""Tables of interests, matches, subscribers, endpoints and subscriptions."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from hub.store.schema.base import Utc, metadata, of, own_id, town

interest = Table(
    "interest", metadata,
    own_id(),
    town(),
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
    of("interest_id", "interest.id", key=True, index=True),
)  # fmt: skip

match = Table(
    "match", metadata,
    of("notice_id", "notice.id", String(32), key=True),
    of("interest_id", "interest.id", key=True, index=True),
    Column("revision", Integer, nullable=False),
    Column("reason", JSON, nullable=False),
)  # fmt: skip

subscriber = Table(
    "subscriber", metadata,
    own_id(),
    town(),
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
    own_id(),
    town(),
    of("subscriber_id", "subscriber.id", index=True),
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
    own_id(),
    of("subscriber_id", "subscriber.id", index=True),
    of("interest_id", "interest.id", index=True),
    UniqueConstraint("subscriber_id", "interest_id"),
)  # fmt: skip

way = Table(
    "way", metadata,
    of("subscription_id", "subscription.id", key=True),
    Column("channel", String(32), primary_key=True),
    Column("action", String(16), primary_key=True),
    Column("lead", String(16), primary_key=True, default=""),
)  # fmt: skip
