"""Tables of interests, matches, subscribers, endpoints and subscriptions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from hub.store.schema.base import Utc, metadata, of, own_id, town

_LATEST = text("(SELECT coalesce(max(publication.id), 0) FROM publication)")
_PAUSED = text("paused_until IS NOT NULL")
_MONTHLY = text("next_monthly_at IS NOT NULL")
_EXPIRES = text("expires_at IS NOT NULL")
_ENDED = text("ended_why <> ''")


def _created(context: Any) -> Any:
    """Who is new shows a sign of life by that, and has nothing to catch up on."""
    return context.get_current_parameters()["created_at"]


interest = Table(
    "interest", metadata,
    own_id(),
    town(),
    Column("key", String(64), nullable=False),
    Column("criteria", JSON, nullable=False),
    Column("filled", Boolean, nullable=False, default=False),  # laid over the notices that were there before it?
    UniqueConstraint("municipality_id", "key"),
    sqlite_autoincrement=True,  # calendars know interests by id: none may come back as another
)  # fmt: skip

interest_key = Table(  # candidates by topic and place; "" stands for any
    "interest_key", metadata,
    Column("municipality_id", String(64), primary_key=True),
    Column("topic", String(32), primary_key=True),
    Column("path", String(200).with_variant(String(200, collation="C"), "postgresql"), primary_key=True),
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
    Column("digest_days", String(7), nullable=False, default="1234567"),  # ISO weekdays, Monday is 1
    Column("quiet_from", String(5)), Column("quiet_to", String(5)),
    Column("paused_until", Utc),
    Column("next_digest_at", Utc, nullable=False, index=True),
    Column("generation", Integer, nullable=False, default=1),  # a new one revokes every old link
    Column("monthly_day", Integer),  # day of the month of the mail "quiet, but working"; empty: not wanted (F50)
    Column("next_monthly_at", Utc),
    Column("alive_at", Utc, nullable=False, default=_created),  # the last sign of life, to within a month (I18)
    Column("lapse_told_at", Utc),  # when they were warned that everything will be deleted
    Column("read_until", Utc, nullable=False, default=_created),  # all that was news before is read (hub.core.inbox)
    Column("canary", Boolean, nullable=False, default=False),  # ours: proves that a channel works (I17)
    Column("created_at", Utc, nullable=False),
    Index("ix_subscriber_monthly", "next_monthly_at", sqlite_where=_MONTHLY, postgresql_where=_MONTHLY),
    sqlite_autoincrement=True,  # ids stand in secret links: nobody gets that of somebody who is gone
)  # fmt: skip

guest = Table(  # where somebody is subscribed beside their own municipality, kept with the routes (store.guests)
    "guest", metadata,
    of("municipality_id", "municipality.id", String(64), key=True),
    of("subscriber_id", "subscriber.id", key=True, index=True),
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
    Column("ended_why", String(32), nullable=False, default=""),  # gone, bounced, complained, left, replaced
    Column("troubled_since", Utc),  # the first failure since the last success
    Column("soft_bounces", Integer, nullable=False, default=0),
    Column("rescued_at", Utc),  # when its person was told, on another way, that this one is dead (F38)
    Column("expires_at", Utc), Column("expiry_told_at", Utc),  # when the browser says that its subscription ends (F39)
    # The newest publication when this became active: who is younger need not be in an older one's batches.
    Column("since", Integer, nullable=False, default=_LATEST, server_default="0"),
    Index("ix_endpoint_address", "municipality_id", "channel", "address_hash"),
    Index("ix_endpoint_expires", "expires_at", sqlite_where=_EXPIRES, postgresql_where=_EXPIRES),
    Index("ix_endpoint_ended", "subscriber_id", sqlite_where=_ENDED, postgresql_where=_ENDED),
    Column("replaces", Integer),  # the endpoint that ends once this one is confirmed: a changed address
    sqlite_autoincrement=True,  # ids stand in secret links and in batches
)  # fmt: skip

prekey = Table(  # what encrypts one push, made before it was known what to say; whoever deletes the row uses it, once
    "prekey", metadata,
    of("endpoint_id", "endpoint.id", key=True),
    Column("material", LargeBinary, nullable=False),
    Column("made_at", Utc, nullable=False, index=True),
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
    Column("since", Integer, nullable=False, default=_LATEST, server_default="0"),  # the newest publication then
)  # fmt: skip

# The join of subscriptions, ways and living endpoints, kept beside them (store.routes): who is meant by an interest is
# one range of this key. ``lead`` only with reminders; ``quiet`` is "HH:MM-HH:MM" or empty, so that people with equal
# habits stand together.
route = Table(
    "route", metadata,
    of("interest_id", "interest.id", key=True),
    Column("action", String(16), primary_key=True),
    Column("lead", String(16), primary_key=True, default=""),
    Column("channel", String(32), primary_key=True),
    Column("service", String(255), primary_key=True),
    Column("quiet", String(11), primary_key=True, default=""),
    of("endpoint_id", "endpoint.id", key=True, index=True),
    of("subscriber_id", "subscriber.id", index=True),
    Column("paused_until", Utc),
    Index("ix_route_paused", "paused_until", sqlite_where=_PAUSED, postgresql_where=_PAUSED),
    sqlite_with_rowid=False,
)  # fmt: skip

mute = Table(  # what a person does not want to hear of for a while
    "mute", metadata,
    of("subscriber_id", "subscriber.id", key=True),
    Column("sort", String(16), primary_key=True),  # notice, topic, place
    Column("value", String(200), primary_key=True),
    Column("until", Utc),  # empty: until taken back
    Column("created_at", Utc, nullable=False),
)  # fmt: skip

read_mark = Table(  # a message that a person has read, as of what it told; beside ``subscriber.read_until``
    "read_mark", metadata,
    of("subscriber_id", "subscriber.id", key=True),
    of("notice_id", "notice.id", String(32), key=True, index=True),
    Column("at", Utc, nullable=False),  # ``notice.news_at`` of what was read, never when somebody read it
)  # fmt: skip

move = Table(  # a person on the way to another device: one at a time
    "move", metadata,
    of("subscriber_id", "subscriber.id", key=True),
    Column("code_hash", String(64), nullable=False, index=True),  # a keyed hash; empty once the code was used
    Column("expires_at", Utc, nullable=False),
    Column("ends", JSON, nullable=False),  # endpoints that end as soon as the new device gets messages
)  # fmt: skip

erased = Table(  # endpoints of people who deleted everything: their ids are still to go from what was delivered
    "erased", metadata,
    Column("endpoint_id", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
)  # fmt: skip

feed_touch = Table(  # what changed in calendars: web processes forget the feeds concerned (push.ical)
    "feed_touch", metadata,
    own_id(),
    Column("interest_id", Integer),
    Column("subscriber_id", Integer),
    Column("municipality_id", String(64)),  # its public feeds; with interest 0 all private ones
    Column("at", Utc, nullable=False, index=True),
)  # fmt: skip

flood = Table(  # sign-ups per network (a keyed hash) and municipality (W-11); a day later they are gone
    "flood", metadata,
    Column("name", String(80), primary_key=True),
    Column("hour", Utc, primary_key=True, index=True),
    Column("count", Integer, nullable=False),
)  # fmt: skip

mail_ask = Table(  # to whom a confirmation was sent within a day; it outlives a sign-up that is deleted at once
    "mail_ask", metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("at", Utc, nullable=False, index=True),
)  # fmt: skip
