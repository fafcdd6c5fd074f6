"""What a feed is made of, and when a reader already has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from hub.core.message import Payload, Reason
from hub.core.notice import Notice, Occurrence

_TAGS = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One occurrence in one feed.

    ``uid`` is the occurrence's stable slot within the notice (not the whole UID, see ``render.event_uid``): it stays
    when the date moves. ``sequence`` and ``changed`` (aware) grow when, and only when, the occurrence, its notice or
    its status changes. ``url`` is the notice's page, absolute. ``leads`` are this subscriber's lead times: how long
    before the start (of a day: before its midnight) to be reminded; negative means after it.
    """

    uid: str
    notice: Notice
    occurrence: Occurrence
    sequence: int
    changed: datetime
    url: str = ""
    leads: tuple[timedelta, ...] = ()
    reason: Reason | None = None


def conditional(payload: Payload, if_none_match: str | None, if_modified_since: str | None) -> Literal[200, 304]:
    """Return 304 if the reader of these request headers already has ``payload`` (RFC 9110, 13.2.2), else 200.

    If-None-Match wins: If-Modified-Since is not even read beside it. Tags are compared weakly (13.1.2), because a
    compressing proxy makes ours weak. What cannot be read counts as absent or as no match, so a reader gets the feed.
    """
    if if_none_match is not None:
        return 304 if _names(if_none_match, payload.headers.get("ETag", "")) else 200
    if if_modified_since is not None and "Last-Modified" in payload.headers:
        since, modified = _http_date(if_modified_since), _http_date(payload.headers["Last-Modified"])
        return 304 if since is not None and modified is not None and modified <= since else 200
    return 200


def _names(header: str, tag: str) -> bool:
    if header.strip() == "*":
        return True
    return bool(tag) and tag.removeprefix("W/") in _TAGS.findall(header)


def _http_date(text: str) -> datetime | None:
    """Read an HTTP-date in any of its three forms (RFC 9110, 5.6.7); ``None`` if it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
