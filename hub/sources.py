"""A Source from the text settings that a clerk types, for the command line, forms and previews."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from feeds import FeedKind
from hub.core.desk import HIDDEN
from hub.core.errors import SourceConfigError
from hub.core.notice import PlaceRef
from hub.core.place import LOCAL, slug
from hub.core.source import ConfigField, Source

_COMMON = ("topic", "language", "zone", "name", "place", "interval")
_SCHEMES = ("ars", "ags", "warncell", "nuts", "plz", *LOCAL)
_DIGITS = {"ars": range(1, 13), "ags": range(1, 9), "plz": (5,), "warncell": (9,)}
_SHORTEST = 60  # seconds between two polls
_LONGEST = 30 * 86_400


def build_source(
    kind: FeedKind,
    url: str,
    settings: Mapping[str, str],
    *,
    source_id: str,
    municipality: str = "",
    partial: bool = False,
) -> Source:
    """Return the source that ``settings`` describe; ``partial`` lets required ones wait for the kind's ``discover``.

    Accepted for every kind: ``topic``, ``language`` (BCP 47), ``zone`` (IANA), ``name``, ``interval`` (seconds) and
    ``place`` (``ars:053340002002,zone:Bezirk 1``); else the names of the kind's ``CONFIG``, whose defaults are filled
    in. A kind's own field of one of these names gets the value too. Raises ``SourceConfigError`` naming all faults
    at once.
    """
    given = {name: value.strip() for name, value in settings.items()}
    places, faults = read_places(given.get("place", ""))
    faults += _faults(kind, given, partial=partial)
    if faults:
        raise SourceConfigError(" ".join(faults), subject=source_id)
    config = {one.name: given.get(one.name, "") or one.default for one in kind.CONFIG}
    return Source(
        id=source_id,
        kind=kind.KIND,
        url=url,
        municipality=municipality,
        name=given.get("name", ""),
        topic=given.get("topic", "") or kind.TOPIC,
        language=given.get("language", "") or "de",
        zone=given.get("zone", "") or "Europe/Berlin",
        interval=int(given.get("interval", "") or kind.INTERVAL),
        places=places,
        config={name: value for name, value in config.items() if value},
    )


def read_places(text: str) -> tuple[tuple[PlaceRef, ...], list[str]]:
    """Read ``scheme:value`` separated by commas; return the places and a sentence for each that is none."""
    places, faults = [], []
    for one in filter(None, (part.strip() for part in text.split(","))):
        scheme, _, value = (part.strip() for part in one.partition(":"))
        digits = _DIGITS.get(scheme)
        if scheme not in _SCHEMES or not value:
            faults.append(f"{one!r} is no place; write scheme:value with one of {', '.join(_SCHEMES)}.")
        elif digits and not (value.isascii() and value.isdecimal() and len(value) in digits):
            faults.append(f"{one!r} is no place; {scheme} is {digits[-1]} digits long.")
        elif scheme == "house" and not all(slug(part) for part in value.partition("/")[::2]):
            faults.append(f"{one!r} is no place; write a house number with its street, house:Ahornweg/1-57.")
        else:
            name = value.replace("/", " ", 1) if scheme == "house" else value
            places.append(PlaceRef(scheme, value, "" if digits or scheme == "nuts" else name))
    return tuple(places), faults


def _faults(kind: FeedKind, given: Mapping[str, str], *, partial: bool) -> list[str]:
    known = {one.name: one for one in kind.CONFIG}
    faults = [
        f"There is no setting {name!r}; known: {', '.join(sorted({*known, *_COMMON}))}."
        for name in given
        if name not in known and name not in _COMMON
    ]
    faults += [fault for one in kind.CONFIG if (fault := _field_fault(one, given.get(one.name, ""), partial=partial))]
    return faults + _common_faults(given)


def _field_fault(field: ConfigField, value: str, *, partial: bool) -> str:
    if field.required and not partial and not (value or field.default):
        return f"The setting {field.name!r} ({field.label}) is missing."
    if value and field.choices and value not in field.choices:
        return f"The setting {field.name!r} must be one of {', '.join(field.choices)}, not {value!r}."
    return ""


def _common_faults(given: Mapping[str, str]) -> list[str]:
    zone, language, interval = (given.get(name, "") for name in ("zone", "language", "interval"))
    faults: list[str] = []
    if given.get("topic") in HIDDEN:
        faults.append(f"The topic {given['topic']!r} belongs to the house; choose another.")
    if zone and zone not in available_timezones():
        faults.append(f"{zone!r} is no time zone; write an IANA name such as Europe/Berlin.")
    if language and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        faults.append(f"{language!r} is no language; write a tag such as de or de-AT.")
    if interval and not _seconds(interval):
        faults.append(f"The interval must be {_SHORTEST} to {_LONGEST} seconds, not {interval!r}.")
    return faults


def _seconds(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,9}", text)) and _SHORTEST <= int(text) <= _LONGEST


def setting_names(kind: FeedKind) -> Sequence[str]:
    """Return the names of all settings that ``kind`` accepts, its own first."""
    return tuple(dict.fromkeys((*(one.name for one in kind.CONFIG), *_COMMON)))


def display_host(url: str) -> str:
    """Return what of a source's address everybody may see: the host, or the provider's name; no path, no secrets."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host or parts.scheme


def display_name(name: str, url: str) -> str:
    """Return what a source is called in public: its own name, but never its address, which may hold secrets."""
    known = name.strip()
    return known if known and known != url and "://" not in known else display_host(url) or known
