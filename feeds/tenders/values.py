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
_AGS_DIGITS = 8
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


def address_places(nuts: str, postcode: str, city: str, country: str = "DEU") -> list[tuple[str, str, str]]:
    """Return the places (scheme, value, name) of an address: its NUTS code, and a German postcode with the city."""
    found = []
    name = one_line(city, 100)
    if re.fullmatch(r"[A-Z]{2}[0-9A-Z]{0,3}", nuts.strip().upper(), re.ASCII):
        found.append(("nuts", nuts.strip().upper(), ""))
    digits = postcode.strip().upper().removeprefix("D-")
    if country.strip().upper() in ("DEU", "DE", "", "DEUTSCHLAND", "GERMANY") and re.fullmatch(
        r"\d{5}", digits, re.ASCII
    ):
        found.append(("plz", digits, name))
    return found


def leitweg_places(identifiers: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return the municipality or district that a Leitweg-ID begins with (AGS, ARS; XRechnung, BT-10).

    Only identifiers with a right check number count (ISO 7064 MOD 97-10): telephone numbers come in this field too.
    """
    found = []
    for text in identifiers:
        plain = text.strip().upper().removeprefix("0204:")
        match = re.fullmatch(r"(\d{2,12})(?:-([0-9A-Z]{1,30}))?-(\d{2})", plain, re.ASCII)
        if match is None or int("".join(str(int(one, 36)) for one in plain if one != "-")) % 97 != 1:
            continue
        if "01" <= match[1][:2] <= "16" and len(match[1]) in (5, 8, 12):
            found.append(("ags" if len(match[1]) == _AGS_DIGITS else "ars", match[1], ""))
    return found


def unique_places(places: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Return ``places`` each once, in order."""
    return tuple({(scheme, value): (scheme, value, name) for scheme, value, name in places}.values())


def amount(text: str) -> float | None:
    """Return a positive sum of money, or ``None``."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < _MOST_MONEY else None


def total(values: Mapping[str, tuple[float, str]]) -> tuple[float | None, str]:
    """Return the sum and currency of amounts by lot, if they share one currency."""
    currencies = {currency for _, currency in values.values()}
    return (sum(number for number, _ in values.values()), currencies.pop()) if len(currencies) == 1 else (None, "")
