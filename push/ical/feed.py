"""What a feed is made of, and when a reader already has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from hub.core.message import Reason
from hub.core.notice import Notice, Occurrence

_WEIGHT = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_TAGS = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One occurrence in one feed.

    ``uid`` is the occurrence's stable slot within the notice (not the whole UID, see ``render.event_uid``): it stays
    when the date moves. ``sequence`` and ``changed`` (aware) grow when, and only when, the occurrence, its notice or
    its status changes. ``url`` is the notice's page, absolute. ``leads`` are this subscriber's lead times: how long
    before the start (of a day: before its midnight) to be reminded; negative means after it. ``town`` is the name of
    its municipality where that is not the feed's own.
    """

    uid: str
    notice: Notice
    occurrence: Occurrence
    sequence: int
    changed: datetime
    url: str = ""
    leads: tuple[timedelta, ...] = ()
    reason: Reason | None = None
    town: str = ""


def is_current(tags: Sequence[str], modified: str, none_match: str | None, since: str | None) -> bool:
    """Return whether the reader of these request headers already has a feed (RFC 9110, 13.2.2): answer 304, not 200.

    ``tags`` are the ETags of the feed's representations, ``modified`` its Last-Modified or empty. If-None-Match wins:
    If-Modified-Since is not even read beside it. Tags are compared weakly (13.1.2), because a compressing proxy makes
    ours weak. What cannot be read counts as absent or as no match, so a reader gets the feed.
    """
    if none_match is not None:
        return none_match in tags or none_match.strip() == "*" or any(one in tags for one in _TAGS.findall(none_match))
    if since is not None and modified:
        asked, changed = _http_date(since), _http_date(modified)
        return asked is not None and changed is not None and changed <= asked
    return False


@lru_cache(maxsize=1024)
def takes_gzip(accept_encoding: str) -> bool:
    """Return whether a reader takes gzip (RFC 9110, 12.5.3); one that says nothing is not sent it."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, _, rest = part.partition(";")
        found = _WEIGHT.fullmatch(rest.strip()) if rest else None
        weights[name.strip()] = float(found[1]) if found else float(not rest.strip())
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


@lru_cache(maxsize=4096)
def _http_date(text: str) -> datetime | None:
    """Read an HTTP-date in any of its three forms (RFC 9110, 5.6.7); ``None`` if it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
