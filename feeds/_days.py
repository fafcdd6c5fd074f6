"""Days, times and closing dates in the words of German offices and clubs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time

from hub.core.schedule import wall

_EARLIEST, _LATEST, _CENTURY = 1990, 2200, 2000  # other years are typing errors
_MIDNIGHT = 24
LAST = time(23, 59)  # a day without a time lasts until then
_MONTHS = {
    "jan": 1, "feb": 2, "mär": 3, "mae": 3, "mar": 3, "apr": 4, "mai": 5, "may": 5, "jun": 6, "jul": 7, "aug": 8,
    "sep": 9, "okt": 10, "oct": 10, "nov": 11, "dez": 12, "dec": 12,
}  # fmt: skip
_NAME = (
    r"jan(?:uary?|uar)?|feb(?:ruary?|ruar)?|mär(?:z)?|maerz|mar(?:ch)?|apr(?:il)?|mai|may|june?|juni|july?|juli"
    r"|aug(?:ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|de[zc](?:ember)?"
)
_GERMAN = re.compile(r"(?<!\d)(\d{1,2})[./] ?(\d{1,2})[./] ?(\d{4}|\d{2})(?!\d)", re.ASCII)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{6}Z?)?", re.ASCII)
_WORDS = re.compile(rf"(?<!\d)(\d{{1,2}})\.? ?({_NAME})\.? ?(\d{{4}})(?!\d)", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d.:])(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?(?: ?(?:uhr|h)\b|(?<=:\d\d)|$)", re.IGNORECASE)
_HOUR = r"\d{1,2}(?:[:.]\d{2})?"
_SPAN = re.compile(rf"(?<![\d.:])({_HOUR})(?: uhr)? ?(?:-|–|bis) ?({_HOUR})(?: ?uhr|$)", re.IGNORECASE)
_DAY = rf"\d{{1,2}}(?:\. ?\d{{1,2}}\. ?\d{{2,4}}|\.? ?(?:{_NAME})\.? ?\d{{4}})|\d{{4}}-\d{{2}}-\d{{2}}"
_CLOSING = re.compile(
    r"\b(?:bewerbungs(?:frist|schluss|ende)|bewerb\w{0,12}(?: \w{1,12}){0,3} (?:bis|spätestens)|frist(?:ende)?"
    r"|(?:einsende|anmelde)schluss|gültig bis|valid (?:until|through)|closing date|deadline|apply (?:by|before))\b"
    rf"[^\d\n]{{0,50}}({_DAY})(?:[^\d\n]{{1,12}}(\d{{1,2}}[:.]\d{{2}}))?",
    re.IGNORECASE,
)


def read_day(text: str) -> date | None:
    """Read a German (``2.1.2027``, ``02.01.27``, ``2. Januar 2027``), ISO or compact date.

    A weekday or time beside it is ignored, two-digit years are of this century. Returns ``None`` if there is no date
    or one that does not exist.
    """
    if found := _ISO.search(text) or _COMPACT.fullmatch(text.strip()):
        year, month, day = (int(one) for one in found.groups())
    elif found := _GERMAN.search(text):
        day, month, year = (int(one) for one in found.groups())
        year += _CENTURY if len(found[3]) == len("27") else 0
    elif found := _WORDS.search(text):
        day, month, year = int(found[1]), _MONTHS[found[2].lower()[:3]], int(found[3])
    else:
        return None
    try:
        return date(year, month, day) if _EARLIEST <= year <= _LATEST else None
    except ValueError:
        return None


def read_times(text: str) -> tuple[time | None, time | None]:
    """Read ``19:00``, ``19.30 Uhr``, ``19 Uhr`` or ``19–21 Uhr``: begin and end, ``None`` where there is none."""
    plain = re.sub(rf"{_DAY}T?", " ", " ".join(text.split()), flags=re.IGNORECASE).strip()
    if span := _SPAN.search(plain):
        return _clock(span[1]), _clock(span[2])
    found = _TIME.search(plain)
    return (_clock(found[0]) if found else None), None


def _clock(text: str) -> time | None:
    hour, minute = (*(int(one) for one in re.findall(r"\d+", text)), 0)[:2]
    if (hour, minute) == (_MIDNIGHT, 0):
        return LAST
    try:
        return time(hour, minute)
    except ValueError:
        return None


def closing(texts: Sequence[str], zone: str) -> datetime | None:
    """Return until when something holds if one of ``texts`` says so: ``Bewerbungsfrist: 31.01.2027``, ``gültig bis``.

    A day without a time lasts to its last minute in ``zone``. UTC.
    """
    for text in texts:
        found = _CLOSING.search(text[:20_000])
        day = read_day(found[1]) if found else None
        if found and day is not None:
            return wall(day, (_clock(found[2]) if found[2] else None) or LAST, zone)
    return None
