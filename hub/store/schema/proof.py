"""Tables that prove deliveries: alarms, canaries, what was tallied, what came of notices, months, regular marks."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Integer, String, Table, Text

from hub.store.schema.base import Utc, metadata, of

alarm = Table(  # what the watch found and could not mend: told once when it begins, once when it is over
    "alarm", metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("sentence", Text, nullable=False),  # English, for logs and /readyz
    Column("given", Text, nullable=False, default="{}"),  # what the sentence of another language is made with (JSON)
    Column("begun_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),  # the last round that found it
    Column("over_at", Utc),
    Column("told_at", Utc), Column("told_over_at", Utc),
    Column("asked_at", Utc),  # somebody is telling it now
)  # fmt: skip

canary = Table(  # one per municipality and channel (I17)
    "canary", metadata,
    of("municipality_id", "municipality.id", String(64), key=True),
    Column("channel", String(32), primary_key=True),
    Column("endpoint_id", Integer, nullable=False),
    Column("asked_at", Utc),  # when the last one set out
    Column("waits_since", Utc),  # when the first of those set out that have not arrived
    Column("notice_id", String(32), nullable=False, default=""),
    Column("proved_at", Utc),  # when one arrived last
    Column("milliseconds", Integer, nullable=False, default=0),  # how long that one took
    Column("how", String(16), nullable=False, default=""),  # public, loopback, mailbox, door, inside
    Column("fault", Text, nullable=False, default=""),  # why the last one did not arrive, as far as it is known
)  # fmt: skip

tally = Table(  # totals that only rise, for counters and histograms
    "tally", metadata,
    Column("channel", String(32), primary_key=True),
    Column("lane", String(16), primary_key=True),
    Column("name", String(32), primary_key=True),  # sent, failed, gone, expired, suppressed, le:5, milliseconds
    Column("value", BigInteger, nullable=False, default=0),
)  # fmt: skip

budget = Table(  # per municipality and day (UTC): how many deliveries kept their goal
    "budget", metadata,
    of("municipality_id", "municipality.id", String(64), key=True),
    Column("day", String(10), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("kept", BigInteger, nullable=False, default=0),
    Column("late", BigInteger, nullable=False, default=0),
    Column("lost", BigInteger, nullable=False, default=0),  # failed, or over before it could be told
)  # fmt: skip

mark = Table(  # what runs regularly: since when without a gap, and when last
    "mark", metadata,
    Column("name", String(64), primary_key=True),
    Column("since", Utc, nullable=False),
    Column("at", Utc, nullable=False),
    Column("count", BigInteger, nullable=False, default=0),
)  # fmt: skip

sample = Table(  # how figures stood every few minutes, for plots; of the installation (town empty) or one municipality
    "sample", metadata,
    Column("name", String(48), primary_key=True),  # sent:mail, le:5, queue:normal, canary:webpush …
    Column("town", String(64), primary_key=True),
    Column("at", Utc, primary_key=True, index=True),
    Column("value", Double, nullable=False),
    Column("hourly", Boolean, nullable=False),  # the first of its hour, kept longer
)  # fmt: skip

reach = Table(  # what came of a revision on a channel: who was meant, how soon they were told; no person
    "reach", metadata,
    of("notice_id", "notice.id", String(32), key=True),
    Column("revision", Integer, primary_key=True),
    Column("channel", String(32), primary_key=True),
    # As in ``publication``, of this channel.
    Column("meant", Integer, nullable=False, default=0),
    Column("lapsed", Integer, nullable=False, default=0),
    Column("bundled", Integer, nullable=False, default=0),
    Column("muted", Integer, nullable=False, default=0),
    Column("doubled", Integer, nullable=False, default=0),
    # As in ``batch``, the sums of batches that are forgotten; ``own``: of ``size`` those told the message itself.
    Column("size", Integer, nullable=False, default=0),
    Column("own", Integer, nullable=False, default=0),
    Column("sent", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("gone", Integer, nullable=False, default=0),
    Column("expired", Integer, nullable=False, default=0),
    Column("suppressed", Integer, nullable=False, default=0),
    # Of batches that are tallied: by the end of each step in seconds (hub.core.delays) how many were told.
    Column("prompt", JSON, nullable=False, default=dict),
    Column("wished", JSON, nullable=False, default=dict),
    Column("first", Integer), Column("last", Integer),  # milliseconds
    Column("left", Integer),  # how many signed off within two days after it; empty: not counted yet
)  # fmt: skip

footfall = Table(  # per municipality and month of its own calendar what leaves no row: counts only, never who
    "footfall", metadata,
    of("municipality_id", "municipality.id", String(64), key=True),
    Column("month", String(7), primary_key=True),
    Column("name", String(64), primary_key=True),  # begun, ended: of people who deleted everything; canary.mail.sent …
    Column("value", Integer, nullable=False, default=0),
)  # fmt: skip

impact = Table(  # a month that is over, as its report stays (hub.core.impact)
    "impact", metadata,
    of("municipality_id", "municipality.id", String(64), key=True),
    Column("month", String(7), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("closed_at", Utc, nullable=False),
)  # fmt: skip
