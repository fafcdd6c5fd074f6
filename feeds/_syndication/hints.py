"""What a feed says of itself at fetch time: its WebSub hub, and how often it wants to be asked.

Only the head of the answer is looked at, with expressions that read it once: nothing is parsed before the child
process. All of it is a wish: what makes no sense is passed over.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from feeds._syndication.markup import web_address

LONGEST_REST = 4 * 3600  # seconds; a mistaken ttl must not silence a source for a day
_HEAD = 65_536  # bytes
_MOST_JSON = 1_000_000
_MOST_SKIPPED = 20  # hours of a day; a feed that skips more says nothing
_FIRST_ENTRY = re.compile(r"<(?:[\w-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_LINK = re.compile(r"<(?:[\w-]{1,20}:)?link\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]{1,20})\s*=\s*(?:"([^"]{0,1500})"|'([^']{0,1500})')""")
_HEADER_LINK = re.compile(r"<([^<>]{1,1500})>([^<]{0,500})")
_TTL = re.compile(r"<ttl>\s*(\d{1,5})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(r"<(?:[\w-]{1,20}:)?updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*<", re.IGNORECASE)
_FREQUENCY = re.compile(r"<(?:[\w-]{1,20}:)?updateFrequency>\s*(\d{1,4})\s*<", re.IGNORECASE)
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*(\w{6,9})\s*</day>", re.IGNORECASE)
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Hints:
    """A feed's wishes: ``hub`` and ``topic`` (W3C WebSub, 4), ``rest`` in seconds, hours and days (UTC) to skip."""

    hub: str = ""
    topic: str = ""
    rest: int = 0
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()  # 0 is Monday

    def written(self) -> str:
        """Return rest, hours and days as text for ``FetchState.cursor``; empty if there are no such wishes."""
        parts = (self.rest, ",".join(map(str, sorted(self.hours))), ",".join(map(str, sorted(self.days))))
        return "|".join(map(str, parts)) if any(parts) else ""


def read_hints(body: bytes, headers: Mapping[str, str], url: str) -> Hints:
    """Return what the answer with ``body`` and ``headers`` (lower-case names) from ``url`` says of the feed."""
    found = _from_json(body) if body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else _from_head(body)
    said = _from_links(_HEADER_LINK.findall(headers.get("link", "")[:4000]), lambda text: _relations(text, header=True))
    # The header decides (WebSub, 4): it is there for feeds that cannot be changed.
    hub, topic = said.get("hub") or found.hub, said.get("self") or found.topic
    hub = web_address(hub, "")
    return Hints(hub, (web_address(topic, url) or url) if hub else "", found.rest, found.hours, found.days)


def read_written(text: str) -> Hints:
    """Read what :meth:`Hints.written` wrote; anything else says nothing."""
    rest, _, skipped = text.partition("|")
    hours, _, days = skipped.partition("|")
    if not (rest.isascii() and rest.isdecimal()):
        return Hints()
    return Hints(rest=int(rest[:9]), hours=_numbers(hours.split(",")), days=_numbers(days.split(",")))


def rest_from(hints: Hints, now: datetime, interval: int) -> int:
    """Return for how many seconds from ``now`` the feed wants to be left alone; 0 if it says nothing.

    ``interval`` is how often we would ask by ourselves, in seconds.
    """
    rest = min(hints.rest, LONGEST_REST)
    hours = hints.hours if len(hints.hours) <= _MOST_SKIPPED else frozenset()
    days = hints.days if len(hints.days) < len(_DAYS) else frozenset()
    first = now.astimezone(UTC) + timedelta(seconds=max(rest, interval))
    at = first
    while (at.hour in hours or at.weekday() in days) and at - first < timedelta(days=1):
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return rest if at == first else int((at - now).total_seconds())


def _from_head(body: bytes) -> Hints:
    head = body[:_HEAD].replace(b"\0", b"").decode("latin-1")
    first = _FIRST_ENTRY.search(head)
    head = head[: first.start()] if first else head
    links = [(_attribute(text, "href"), text) for text in _LINK.findall(head)]
    said = _from_links(links, lambda text: _relations(text, header=False))
    ttl, period, frequency = _TTL.search(head), _PERIOD.search(head), _FREQUENCY.search(head)
    rest = int(ttl[1]) * 60 if ttl else 0
    if period and not rest:
        rest = _PERIODS[period[1].lower()] // max(1, int(frequency[1]) if frequency else 1)
    days = frozenset(_DAYS.index(one.lower()) for one in _DAY.findall(head) if one.lower() in _DAYS)
    return Hints(said.get("hub", ""), said.get("self", ""), rest, _numbers(_HOUR.findall(head)), days)


def _from_links(links: list[tuple[str, str]], relations: Any) -> dict[str, str]:
    """Return the first address of each relation."""
    found: dict[str, str] = {}
    for href, text in links:
        for relation in relations(text):
            found.setdefault(relation, html.unescape(href))
    return found


def _relations(text: str, *, header: bool) -> list[str]:
    if header:
        quoted = re.search(r"""rel\s*=\s*(?:"([^"]{0,100})"|([^\s;,"]{1,100}))""", text, re.IGNORECASE)
        return ((quoted[1] or quoted[2] or "") if quoted else "").lower().split()
    return _attribute(text, "rel").lower().split()


def _attribute(text: str, name: str) -> str:
    return next((one[1] or one[2] for one in _ATTRIBUTE.findall(text) if one[0].lower() == name), "")


def _from_json(body: bytes) -> Hints:
    """Return the hub of a JSON Feed (1.1, ``hubs``) of moderate size."""
    try:
        data = json.loads(body) if len(body) <= _MOST_JSON else {}
    except (ValueError, RecursionError):
        return Hints()
    hubs = data.get("hubs") if isinstance(data, dict) else None
    for one in hubs if isinstance(hubs, list) else ():
        if isinstance(one, dict) and str(one.get("type", "")).lower() == "websub":
            return Hints(str(one.get("url", "")), str(data.get("feed_url") or ""))
    return Hints()


def _numbers(texts: list[str]) -> frozenset[int]:
    """Return the numbers of hours or days among ``texts``; 24 means midnight."""
    return frozenset(int(one) % 24 for one in texts if one.isascii() and one.isdecimal() and len(one) <= 2)  # noqa: PLR2004 - digits
