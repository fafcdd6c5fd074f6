"""What a fetch of given bodies would have brought, and what a kind makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import feeds
from hub.core.notice import Notice, PlaceRef
from hub.core.source import Document, Fetched, FetchState, Source

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def fetches_of(kind: str, url: str, name: str) -> Callable[..., Fetched]:
    """``fetches_of(…)(body, …, topic=, at=, **config)``: a fetch of these bodies by the source ``name`` at ``url``."""

    def make(*bodies: bytes | str, topic: str = "events", at: datetime = AT, **config: str) -> Fetched:
        data = [one.encode() if isinstance(one, str) else one for one in bodies]
        source = Source(
            id="s1",
            kind=kind,
            url=url,
            topic=topic,
            name=name,
            places=(PlaceRef("ars", "053580016016"),),
            config=config,
        )
        return Fetched(tuple(Document(url, "", one) for one in data), at, FetchState(), source)

    return make


def notices_of(fetched: Fetched) -> list[Notice]:
    """Parse and normalise, faults and notes left aside."""
    made = feeds.load(fetched.source.kind)
    return [made.normalise(item, fetched.source) for item in made.parse(fetched) if item.data]
