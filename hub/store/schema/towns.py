"""Tables of municipalities, places, codes, holidays and keys."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from hub.store.schema.base import Utc, metadata, of

municipality = Table(
    "municipality", metadata,
    Column("id", String(64), primary_key=True),  # a slug, as it stands in URLs
    Column("name", Text, nullable=False),
    Column("path", String(200), nullable=False),  # its place in the tree
    Column("language", String(16), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("colour", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("contact", Text, nullable=False, default=""),  # the editor's address: told when a source breaks or heals
    Column("logo", String(80), nullable=False, default=""),  # the name of its picture
    Column("imprint_url", Text, nullable=False, default=""),
    Column("easy_url", Text, nullable=False, default=""),  # its page in plain language ("Leichte Sprache")
    Column("sign_url", Text, nullable=False, default=""),  # its page in sign language
    Column("enforcement", Text, nullable=False, default=""),  # whom to turn to about barriers that stay
    Column("barriers", Text, nullable=False, default=""),  # barriers that are known, one a line
    Column("host", String(253), nullable=False, default=""),  # the first of its own host names; empty: it has none
    Column("languages", Text, nullable=False, default=""),  # tags of those its pages offer, in a row; empty: all
    Column("sender", String(254), nullable=False, default=""),  # what its mails come from; empty: the installation's
    Column("sender_name", Text, nullable=False, default=""),  # empty: its own name
    Column("reply_to", String(254), nullable=False, default=""),
    Column("dkim_domain", String(253), nullable=False, default=""),  # signs its mails; empty: the installation's
)  # fmt: skip

town_host = Table(  # host names at which a municipality's pages stand; links lead to the first
    "town_host", metadata,
    Column("host", String(253), primary_key=True),  # ASCII, lower case, without a port
    Column(
        "municipality_id", String(64), ForeignKey("municipality.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("rank", Integer, nullable=False),
)  # fmt: skip

push_key = Table(  # a municipality's own VAPID keys; earlier ones serve the subscriptions made with them
    "push_key", metadata,
    Column("public", String(100), primary_key=True),  # base64url, as browsers subscribe with it
    Column(
        "municipality_id", String(64), ForeignKey("municipality.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("private", Text, nullable=False),  # PEM
    Column("subject", Text, nullable=False),  # whom push services may write to; empty: the setting's
    Column("current", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
)  # fmt: skip

founding = Table(  # a municipality that somebody is about to found in the browser: one for each account
    "founding", metadata,
    of("account_id", "user_account.id", key=True),
    Column("given", JSON, nullable=False),
    Column("logo", Text, nullable=False, default=""),  # base64
    Column("streets", Text, nullable=False, default=""),  # base64 of the file as it was sent
    Column("changed_at", Utc, nullable=False),
)  # fmt: skip

picture = Table(  # what a municipality may show; checked, and named after its bytes
    "picture", metadata,
    Column("name", String(80), primary_key=True),
    Column(
        "municipality_id", String(64), ForeignKey("municipality.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("content", Text, nullable=False),  # base64: rows are moved and proved as text
)  # fmt: skip

place = Table(
    "place", metadata,
    Column("path", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("sought", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False, index=True),  # folded name
    Column("population", Integer),
    Column("lat", Float), Column("lon", Float),
    Column("nuts", String(8)),
    Column("municipality_id", String(64), ForeignKey("municipality.id", ondelete="CASCADE")),  # local places only
    Index("ix_place_town", "municipality_id", "kind"),
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
