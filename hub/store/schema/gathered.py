"""Tables of sources, notices with their revisions and dates, and publications."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
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
    literal_column,
    text,
)

from hub.store.schema.base import Utc, metadata, of, own_id, town

# A literal: partial indexes are used only where the database sees at once that the query asks for no other rows.
OPEN = literal_column("stage <> 'done'", Boolean())  # publications
_TWINS = text("twin <> ''")
_FOREIGN = text("origin <> ''")


def _seen(context: Any) -> Any:
    return context.get_current_parameters()["first_seen_at"]


source = Table(
    "source", metadata,
    Column("id", String(32), primary_key=True),
    town(),
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
    Column("news_at", Utc),  # when it last brought something new or changed
    Column("broken_since", Utc),  # the first failure of the present run
    Column("doubt", Text, nullable=False, default=""),  # why its last answer is held and not acted on
    Column("doubt_since", Utc),
    Column("doubt_hash", String(64), nullable=False, default=""),  # the answer that is doubted
    Column("doubt_polls", Integer, nullable=False, default=0),  # how many polls in a row gave that answer
    Column("trusted_hash", String(64), nullable=False, default=""),  # an answer that the editor vouched for
)  # fmt: skip

poll = Table(  # what polls brought; one that changed nothing only moves ``source.succeeded_at``
    "poll", metadata,
    own_id(),
    of("source_id", "source.id", String(32)),
    Column("at", Utc, nullable=False),
    Column("outcome", String(16), nullable=False),  # changed, held, failed, healed
    Column("fresh", Integer, nullable=False, default=0),
    Column("revised", Integer, nullable=False, default=0),
    Column("withdrawn", Integer, nullable=False, default=0),
    Column("held", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("label", String(32), nullable=False, default=""),  # of the error, for its plain sentence
    Column("detail", Text, nullable=False, default=""),  # the cause in words, what was refused or repaired
    Index("ix_poll_source", "source_id", "at"),
)  # fmt: skip

held_item = Table(  # read, but not believed: shown to the editor, acted on only at their word
    "held_item", metadata,
    own_id(),
    of("source_id", "source.id", String(32)),
    Column("key", Text, nullable=False),
    Column("reason", String(32), nullable=False),  # flood, future, elsewhere, no-area, vanished
    Column("content", JSON, nullable=False),  # the notice
    Column("held_at", Utc, nullable=False),
    Column("decided_at", Utc),
    Column("verdict", String(16), nullable=False, default=""),  # released, dropped, outdated; empty: waits
    UniqueConstraint("source_id", "key"),
    sqlite_autoincrement=True,  # ids stand in forms: an old page must not release a newer item
)  # fmt: skip

websub = Table(  # a hub's subscription (W3C WebSub): it tells us of news between two polls
    "websub", metadata,
    Column("source_id", String(32), ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic_url", Text, nullable=False),
    Column("secret", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # asked, verified, denied
    Column("asked_at", Utc, nullable=False),
    Column("verified_at", Utc), Column("lease_until", Utc),
    Column("delivered_at", Utc),
)  # fmt: skip

notice = Table(
    "notice", metadata,
    Column("id", String(32), primary_key=True),
    town(),
    Column("source_id", String(32), ForeignKey("source.id", ondelete="SET NULL"), index=True),
    Column("topic", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("expires", Utc),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("missed", Integer, nullable=False, default=0),  # polls in a row of a snapshot that did not have it
    Column("first_seen_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("sought", Text, nullable=False, default="", server_default=""),  # folded words, for the search
    Column("begins_at", Utc), Column("over_at", Utc),  # both as of the last change (hub.core.selection)
    # When it last told something new to whom it concerns, and whether it ever did; else when it was first seen.
    Column("news_at", Utc, nullable=False, default=_seen), Column("told", Boolean, nullable=False, default=False),
    # The installation that it began in, if another gave it to us; it outlives the source (core.federation).
    Column("origin", String(64), nullable=False, default="", server_default=""),
    Index("ix_notice_list", "municipality_id", "topic", "changed_at"),
    Index("ix_notice_seen", "municipality_id", "first_seen_at", "id"),
    Index("ix_notice_changed", "municipality_id", "changed_at"),
    Index("ix_notice_origin", "municipality_id", sqlite_where=_FOREIGN, postgresql_where=_FOREIGN),
)  # fmt: skip

notice_alias = Table(  # every name the source ever gave it: updates refer to any of them
    "notice_alias", metadata,
    Column("source_id", String(32), primary_key=True),
    Column("key", Text, primary_key=True),
    of("notice_id", "notice.id", String(32), index=True),
)  # fmt: skip

notice_place = Table(
    "notice_place", metadata,
    of("notice_id", "notice.id", String(32), key=True),
    Column("path", String(200), primary_key=True, index=True),
)  # fmt: skip

notice_revision = Table(
    "notice_revision", metadata,
    of("notice_id", "notice.id", String(32), key=True),
    Column("revision", Integer, primary_key=True),
    Column("change", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("moved", JSON, nullable=False),  # [{slot, before, after}]
    Column("at", Utc, nullable=False),
    Column("announce", Boolean),  # was it told? empty: nobody knows any more; forecasts outlive the publication
    # Equal in all revisions that say the same in several municipalities; empty: nobody else says it (core.twins).
    Column("twin", String(32), nullable=False, default="", server_default=""),
    Index("ix_revision_at", "at"),
    Index("ix_revision_twin", "twin", sqlite_where=_TWINS, postgresql_where=_TWINS),
)  # fmt: skip

occurrence = Table(
    "occurrence", metadata,
    of("notice_id", "notice.id", String(32), key=True),
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
    own_id(),
    town(),
    of("notice_id", "notice.id", String(32)),
    Column("revision", Integer, nullable=False),
    Column("change", String(16), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("announce", Boolean, nullable=False),
    Column("stage", String(16), nullable=False, default="match"),  # match, now, stand-in, digest, earlier, done
    Column("position", Integer, nullable=False, default=0),  # last endpoint (or batch) dealt with in this stage
    Column("turn", BigInteger, nullable=False, default=0, server_default="0"),  # as in ``batch``, a page a turn
    Column("lease_until", Utc), Column("owner", String(64)),  # whoever plans its pages
    Column("created_at", Utc, nullable=False),
    # Proof of delivery: endpoints meant now = those in batches + lapsed + bundled + muted.
    Column("meant", Integer, nullable=False, default=0),
    Column("lapsed", Integer, nullable=False, default=0),  # over before they may be disturbed
    Column("bundled", Integer, nullable=False, default=0),  # told in one message with others (bursts)
    Column("muted", Integer, nullable=False, default=0),
    Column("doubled", Integer, nullable=False, default=0, server_default="0"),  # told the same by another municipality
    Column("digested", Integer, nullable=False, default=0),  # waits for a digest
    Column("done_at", Utc),
    UniqueConstraint("notice_id", "revision"),
    Index("ix_publication_open", "stage", "id"),
    Index("ix_publication_claim", "lane", "turn", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_publication_line", "lane", "municipality_id", "turn", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_publication_created", "created_at"),
    sqlite_autoincrement=True,  # endpoints remember which was the newest when they came
)  # fmt: skip
