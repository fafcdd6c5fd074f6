"""Single values as tender sources write them: times, codes, addresses, languages. Nothing here raises on bad input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

LONGEST_TITLE = 500
LONGEST_TEXT = 10_000
_LONGEST_URL = 2000
_MOST_MONEY = 1e12
_YEARS = range(1990, 2200)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_OFFSET = r"(Z|[+-]\d{2}:\d{2})?"
_DATE = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}}){_OFFSET}", re.ASCII)
_TIME = re.compile(rf"(\d{{2}}):(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?{_OFFSET}", re.ASCII)
# ISO 639-2/T and 639-3 codes of the EU's official languages (eForms code list "language") to BCP 47.
_LANGUAGES = {
    "BUL": "bg", "CES": "cs", "DAN": "da", "DEU": "de", "ELL": "el", "ENG": "en", "EST": "et", "FIN": "fi",
    "FRA": "fr", "GLE": "ga", "HRV": "hr", "HUN": "hu", "ITA": "it", "LAV": "lv", "LIT": "lt", "MLT": "mt",
    "NLD": "nl", "POL": "pl", "POR": "pt", "RON": "ro", "SLK": "sk", "SLV": "sl", "SPA": "es", "SWE": "sv",
    "GER": "de", "FRE": "fr",
}  # fmt: skip


def clean(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return ``text`` without control characters and surplus blanks, cut at a word to ``limit`` characters."""
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in _UNSEEN.sub("", text[: 4 * limit]).split("\n"))
    plain = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return plain if len(plain) <= limit else plain[: limit - 2].rsplit(" ", 1)[0] + " …"


def one_line(text: str, limit: int = LONGEST_TITLE) -> str:
    """Return ``text`` as one clean line."""
    return clean(" ".join(text[: 4 * limit].split()), limit)


def language(code: str, default: str = "de") -> str:
    """Return the BCP 47 tag for ``DEU``, ``deu``, ``de`` or ``de-AT``; ``default`` for anything else."""
    found = _LANGUAGES.get(code.strip().upper())
    if found:
        return found
    return code.strip().lower() if re.fullmatch(r"[A-Za-z]{2}(-[A-Za-z0-9]{2,8})?", code.strip(), re.ASCII) else default


def moment(day: str, clock: str, zone: str) -> str:
    """Return ISO 8601 with offset for an XSD date and time, or "" if they are none.

    Without a time the day counts to its end; without an offset the time is meant in ``zone``.
    """
    found, hours = _DATE.fullmatch(day.strip()), _TIME.fullmatch(clock.strip())
    if found is None:
        return ""
    year, month, number, offset = found.groups()
    hour, minute, second, own = hours.groups() if hours else ("23", "59", "59", None)
    try:
        at = datetime.combine(
            date(int(year), int(month), int(number)),
            time(int(hour), int(minute), int(second or 0)),
            tzinfo=_tzinfo(own or offset, zone),
        )
    except (ValueError, KeyError):  # no such day, or no such zone
        return ""
    return at.isoformat() if at.year in _YEARS else ""


def day(text: str) -> str:
    """Return the day of an XSD date as ISO 8601, or ""."""
    found = _DATE.fullmatch(text.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else ""
    except ValueError:
        return ""


_UNITS = {"DAY": "P{}D", "WEEK": "P{}W", "MONTH": "P{}M", "YEAR": "P{}Y", "ANN": "P{}Y", "MON": "P{}M"}


def duration(count: str, unit: str) -> str:
    """Return a duration as ISO 8601 (``P12M``) for a number and an eForms or TED unit, or ""."""
    pattern = _UNITS.get(unit.strip().upper(), "")
    return pattern.format(int(count)) if pattern and re.fullmatch(r"\d{1,5}", count.strip(), re.ASCII) else ""


def notice_name(text: str) -> str:
    """Return a notice identifier without its version: the UUID has five parts, the version is the sixth."""
    return "-".join(text.strip().split("-")[:5])[:100]


def ted_number(text: str) -> str:
    """Return a number in the Official Journal as ``66521-2022``, for ``2022/S 026-066521`` and ``00066521-2022`` too.

    Empty for anything else.
    """
    plain = text.strip()
    if found := re.fullmatch(r"(\d{4})/S\s*\d{1,3}-(\d{1,9})", plain, re.ASCII):
        return f"{int(found[2])}-{found[1]}"
    found = re.fullmatch(r"(\d{1,9})-(\d{4})", plain, re.ASCII)
    return f"{int(found[1])}-{found[2]}" if found else ""


def padded(clock: str) -> str:
    """Return a time of day with two digits for the hour: ``9:30`` as ``09:30``."""
    return f"0{clock}" if re.match(r"\d:", clock, re.ASCII) else clock


def timestamp(text: str, zone: str) -> str:
    """Return ISO 8601 with offset for an RFC 3339 time or a plain date, or ""."""
    day, _, clock = text.strip().replace(" ", "T", 1).partition("T")
    return moment(day, clock, zone)


def _tzinfo(offset: str | None, zone: str) -> timezone | ZoneInfo:
    """Return the offset as a time zone, or the ``zone`` itself; raises ``ValueError`` for an impossible offset."""
    if offset is None:
        return ZoneInfo(zone)
    if offset == "Z":
        return UTC
    hours, minutes = offset[1:].split(":")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-span if offset[0] == "-" else span)


def cpv_codes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return CPV codes as 8 digits without check digit, each once, in order; what is none is left out."""
    found = (re.match(r"\s*(\d{8})(?!\d)", text, re.ASCII) for text in texts)
    return tuple(dict.fromkeys(one[1] for one in found if one))


def web_url(text: str) -> str:
    """Return ``text`` if it is an absolute http(s) URL, a bare host name with ``https://`` before it, else ""."""
    plain = text.strip()
    if plain.lower().startswith("www."):
        plain = f"https://{plain}"
    if len(plain) > _LONGEST_URL or re.search(r"[\s<>\"\\\x00-\x1f\x7f\ud800-\udfff]", plain):
        return ""
    try:
        parts = urlsplit(plain)
        return plain if parts.scheme.lower() in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def amount(text: str) -> float | None:
    """Return a positive sum of money as machines write it (``1415446.92``), else as people do, or ``None``."""
    try:
        number = float(text)
    except ValueError:
        return money(text)
    return number if 0 < number < _MOST_MONEY else None


def money(text: str) -> float | None:
    """Return a positive sum as people write it: ``1.250.000,50``, ``1 250 000``, ``1,250,000.50``, or ``None``.

    The last of two different marks is the decimal one; a single mark before exactly three digits groups thousands.
    """
    plain = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    found = re.fullmatch(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,](\d{1,2}))?", plain, re.ASCII)
    if found:
        cents = found[2] or ""
        digits = re.sub(r"[.,]", "", plain[: len(plain) - len(cents)])
        number = float(f"{digits}.{cents or 0}")
    elif re.fullmatch(r"\d{1,15}(?:[.,]\d{1,2})?", plain, re.ASCII):
        number = float(plain.replace(",", "."))
    else:
        return None
    return number if 0 < number < _MOST_MONEY else None


def currency(text: str) -> str:
    """Return an ISO 4217 code, ``EUR`` where none is given."""
    code = text.strip().upper()
    return code if re.fullmatch(r"[A-Z]{3}", code, re.ASCII) else "EUR"


def total(values: Mapping[str, tuple[float, str]]) -> tuple[float | None, str]:
    """Return the sum and currency of amounts by lot, if they share one currency."""
    currencies = {currency for _, currency in values.values()}
    return (sum(number for number, _ in values.values()), currencies.pop()) if len(currencies) == 1 else (None, "")
