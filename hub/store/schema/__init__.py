"""The tables for the glossary (README). Times are UTC; JSON holds what is only read whole."""

from __future__ import annotations

from hub.store.schema.base import Ids, Utc, metadata
from hub.store.schema.deliveries import (
    batch,
    digest_entry,
    heartbeat,
    problem,
    reminder,
    service,
    standing,
    tally,
)
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
from hub.store.schema.people import (
    endpoint,
    feed_touch,
    interest,
    interest_key,
    match,
    mute,
    route,
    subscriber,
    subscription,
    way,
)
from hub.store.schema.proof import alarm, budget, canary, mark, tally
from hub.store.schema.towns import code, holiday, municipality, place, secret

__all__ = [
    "Ids",
    "Utc",
    "alarm",
    "batch",
    "budget",
    "canary",
    "code",
    "digest_entry",
    "endpoint",
    "feed_touch",
    "heartbeat",
    "held_item",
    "holiday",
    "interest",
    "interest_key",
    "mark",
    "match",
    "metadata",
    "municipality",
    "mute",
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
    "route",
    "secret",
    "service",
    "source",
    "standing",
    "subscriber",
    "subscription",
    "tally",
    "way",
    "websub",
]
