"""What an answer says in short: days per kind of waste, read in one pass, to see whether anything has changed.

Exported calendars are only scanned for their lines; whole reading is for the parser's child process.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from calendars.text import decode
from feeds.waste.categories import is_holiday
from feeds.waste.pickup import read_day
from feeds.waste.providers._answers import is_calendar
from feeds.waste.providers._types import Context, Family
from feeds.waste.wording import clean
from hub.core.place import slug
from hub.core.source import Document

_LINE = re.compile(
    r"^(BEGIN|END|DTSTART|SUMMARY|LOCATION|STATUS)(?:;[^:\r\n]{0,200})?:(.*)$", re.IGNORECASE | re.MULTILINE
)
_NAME = re.compile(r"^X-WR-CALNAME(?:;[^:\r\n]{0,200})?:(.*)$", re.IGNORECASE | re.MULTILINE)
_UTC = re.compile(r"(\d{8})T(\d{6})Z", re.ASCII)
_ESCAPED = re.compile(r"\\([\\;,nN])")
_MOST = 20_000
_BACK, _AHEAD = timedelta(days=60), timedelta(days=400)


@dataclass(slots=True)
class Glance:
    """Titles and days by folded title; ``detail`` stands for places, hours and marks."""

    titles: dict[str, str] = field(default_factory=dict)
    days: dict[str, set[date]] = field(default_factory=dict)
    detail: str = ""


def glance(documents: Sequence[Document], family: Family, context: Context) -> Glance:
    """Look at the answers of one address. Raises ``SourceError`` where an answer is none."""
    found, marks = Glance(), []
    for one in documents:
        entries = _scan(one, family, context.zone) if is_calendar(one.body) else _read(one, family, context)
        for day, title, mark, standing in entries:
            key = slug(title)
            if not key or is_holiday(title):
                continue
            found.titles.setdefault(key, title)
            marks.append(f"{day} {key} {mark} {standing}")
            if standing:
                found.days.setdefault(key, set()).add(day)
    found.detail = hashlib.sha256("\n".join(sorted(set(marks))).encode()).hexdigest()[:12]
    return found


Entry = tuple[date, str, str, bool]


def _read(document: Document, family: Family, context: Context) -> Iterator[Entry]:
    for one in family.read(document, context).pickups:
        yield one.day, one.title, f"{one.location} {one.summary}", not one.cancelled


def _scan(document: Document, family: Family, zone: str) -> Iterator[Entry]:
    text, _ = decode(document.body, document.content_type)
    text = re.sub(r"\r?\n[ \t]", "", text)
    name = _NAME.search(text)
    calendar = _plain(name[1]) if name else ""
    event: dict[str, str] = {}
    for count, line in enumerate(_LINE.finditer(text)):
        if count > _MOST:
            return
        word, value = line[1].upper(), line[2].strip()
        if word == "BEGIN" and value.upper() == "VEVENT":
            event = {}
        elif word == "END" and value.upper() == "VEVENT":
            day, wording = _day(event.get("DTSTART", ""), zone), clean(_plain(event.get("SUMMARY", "")), calendar)
            if day is not None:
                standing = not wording.cancelled and event.get("STATUS", "").upper() != "CANCELLED"
                title = family.tidy(wording.title) or wording.title
                yield day, title, _plain(event.get("LOCATION", "")), standing
        else:
            event.setdefault(word, value)


def _plain(value: str) -> str:
    return " ".join(_ESCAPED.sub(lambda mark: " " if mark[1] in "nN" else mark[1], value).split())[:500]


def _day(value: str, zone: str) -> date | None:
    found = _UTC.match(value)
    if found is None:
        return read_day(f"{value[:4]}-{value[4:6]}-{value[6:8]}")
    try:
        at = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at.astimezone(ZoneInfo(zone)).date()


def context_of(zone: str, today: date, names: Mapping[str, str]) -> Context:
    """Return what reading needs, with the rules' window round ``today`` (providers' exports have no rules)."""
    return Context(zone, (today - _BACK, today + _AHEAD), names)
