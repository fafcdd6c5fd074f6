"""Tables of municipalities, places, codes, holidays and keys."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from hub.store.schema.base import Utc, metadata

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
