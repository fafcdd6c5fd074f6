"""The tables for the glossary (README). Times are UTC; JSON holds what is only read whole."""

from __future__ import annotations

from hub.store.schema.base import Utc, metadata
from hub.store.schema.deliveries import batch, digest_entry, problem, reminder
from hub.store.schema.gathered import (
    notice,
    notice_alias,
    notice_place,
    notice_revision,
    occurrence,
    publication,
    source,
)
from hub.store.schema.people import endpoint, interest, interest_key, match, subscriber, subscription, way
from hub.store.schema.towns import code, holiday, municipality, place, secret

__all__ = [
    "Utc",
    "batch",
    "code",
    "digest_entry",
    "endpoint",
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
    "problem",
    "publication",
    "reminder",
    "secret",
    "source",
    "subscriber",
    "subscription",
    "way",
]
