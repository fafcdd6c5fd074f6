"""The dates of feeds: ISO 8601 (RFC 3339), RFC 822 and what German sites make of it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_YEARS = range(1971, 2200)  # 1970 is the zero of a clock that was never set
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GERMAN = {"mär": "mar", "mrz": "mar", "mae": "mar", "mai": "may", "okt": "oct", "dez": "dec", "jän": "jan"}
_WORD_DATE = re.compile(
    r"(?:^|\b)(\d{1,2})\.?[\s-]+([^\W\d_]{3,9})\.?[\s-]+(\d{4}|\d{2})(?:,?\s+(?:um\s+)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?"
    r"(?:\s*Uhr)?\s*([+-]\d{2}:?\d{2}|[A-Z]{1,5})?"
)
_DOTTED = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(?:um\s+)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?(?:\s*Uhr)?"
)
_OFFSETS = {"MEZ": "+0100", "CET": "+0100", "MESZ": "+0200", "CEST": "+0200"}


def read_date(text: str, zone: ZoneInfo, parsed: time.struct_time | None = None) -> datetime | None:
    """Return the time that ``text`` means, aware; ``None`` if it means none (1970, nonsense).

    Times without an offset are local to ``zone``, days begin at midnight there. ``parsed`` is a feed library's
    reading in UTC, the last resort.
    """
    stripped = text.strip()[:100]
    found = _iso(stripped) or _dotted(stripped) or _words(stripped) or _rfc822(stripped)
    if found is None and parsed is not None:
        found = _built(*parsed[:6])
        found = found.replace(tzinfo=UTC) if found else None
    if found is None or found.year not in _YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _iso(text: str) -> datetime | None:
    # Only with dashes: Python also takes "20300301" and week dates, which are numbers here.
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _dotted(text: str) -> datetime | None:
    """Read ``28.02.2030 20:00``, also behind a weekday."""
    found = re.search(_DOTTED, text)
    if found is None:
        return None
    day, month, year, *clock = (int(one or 0) for one in found.groups())
    return _built(year, month, day, *clock)


def _words(text: str) -> datetime | None:
    """Read ``So, 03 Mär 2030 10:00:00 +0100`` and ``3. März 2030, 10.00 Uhr``; the weekday is not believed."""
    found = _WORD_DATE.search(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    number = _month(month)
    if number is None:
        return None
    full = int(year) + (2000 if len(year) == 2 else 0)  # noqa: PLR2004 - digits of a year
    local = _built(full, number, int(day), int(hour or 0), int(minute or 0), int(second or 0))
    if local is None or not zone:
        return local
    try:
        # Obsolete zone names (RFC 822, 5.1) are the standard library's business.
        offset = parsedate_to_datetime(f"Fri, 01 Jan 2021 00:00:00 {_OFFSETS.get(zone, zone).replace(':', '')}").tzinfo
    except (ValueError, TypeError, OverflowError):
        return local
    return local.replace(tzinfo=offset or (UTC if zone == "-0000" else None))


def _month(word: str) -> int | None:
    short = word.lower()[:3]
    short = _GERMAN.get(short, short)
    return _MONTHS.index(short) + 1 if short in _MONTHS else None


def _rfc822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _built(*parts: int) -> datetime | None:
    try:
        year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
        return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - the caller knows the zone
    except (ValueError, OverflowError):
        return None
