"""The tables for the glossary (README). Times are UTC; JSON holds what is only read whole."""

from __future__ import annotations

from hub.store.schema.base import Utc, metadata
from hub.store.schema.deliveries import batch, digest_entry, problem, reminder
from hub.store.schema.gathered import (
    held_item,
    notice,
    notice_alias,
    notice_place,
    notice_revision,
    occurrence,
    poll,
    publication,
    source,
    websub,
)
from hub.store.schema.people import endpoint, interest, interest_key, match, subscriber, subscription, way
from hub.store.schema.towns import code, holiday, municipality, place, secret

__all__ = [
    "Utc",
    "batch",
    "code",
    "digest_entry",
    "endpoint",
    "held_item",
    "holiday",
    "interest",
    "interest_key",
    "match",
    "metadata",
    "municipality",
    "notice",
    "notice_alias",
    "notice_place",
    "notice_revision",
    "occurrence",
    "place",
    "poll",
    "problem",
    "publication",
    "reminder",
    "secret",
    "source",
    "subscriber",
    "subscription",
    "way",
    "websub",
]
