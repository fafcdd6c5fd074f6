"""One OParl Meeting, repaired: what parsing hands to normalising, as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from feeds._json_body import finite, one_line, web_address
from feeds.council.oparl import is_true, listed
from hub.core.codec import moment_to_json
from hub.core.notice import Moment

_EARLIEST = 1990  # servers write 1970-01-01 for "unknown"
_LATEST = 2199
_LONGEST_MEETING = timedelta(hours=10)  # an end after midnight is believed up to this
_MOST_AGENDA = 300
_MOST_FILES = 100
_FILES = ("invitation", "resultsProtocol", "verbatimProtocol", "auxiliaryFile")
_CALLED_OFF = re.compile(
    r"\b(?:abgesagt|abgesetzt|entf(?:ä|ae)llt|entfallen|f(?:ä|ae)llt aus|ausgefallen|aufgehoben|verschoben|verlegt|"
    r"cancell?ed)\b",
    re.IGNORECASE,
)
_PUBLIC_PART = re.compile(
    r"\W*(?P<closed>nicht\W{0,2})?(?:ö|oe)ffentlich\w*(?:\W+(?:sitzung|teil|tagesordnung)\w*)?\W*$", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+(?:\.\d+)*\.?", re.ASCII)


def read_meeting(value: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Return the repaired facts of a Meeting object (OParl 1.1, 3.8) as plain JSON.

    Raises ``ValueError`` in plain words if it is not deleted and has no usable start.
    """
    deleted = is_true(value.get("deleted"))
    start, end = _span(value.get("start"), value.get("end"), zone)
    if start is None and not deleted:
        raise ValueError("The meeting has no start.")
    name, state = one_line(value.get("name"), 250), one_line(value.get("meetingState"))
    location = value.get("location") if isinstance(value.get("location"), dict) else {}
    return {
        "name": name,
        "start": moment_to_json(start),
        "end": moment_to_json(end),
        "cancelled": deleted or is_true(value.get("cancelled")) or is_called_off(name, state),
        "location": _place(location or {}),
        "point": _point(location or {}),
        "agenda": list(_agenda(value.get("agendaItem"))),
        "files": list(_files(value))[:_MOST_FILES],
        "url": web_address(value.get("web")) or web_address(value.get("id")),
        "sent": moment_to_json(_time(value.get("modified"), zone) or _time(value.get("created"), zone)),
    }


def is_called_off(name: str, state: str) -> bool:
    """Whether ``meetingState``, or the begin or end of the name ("ABGESAGT: …"), calls the meeting off."""
    if _CALLED_OFF.search(state):
        return "nicht" not in state.lower()
    return any(
        not name[: match.start()].strip(" -–:!*([") or not name[match.end() :].strip(" -–:!*)].")
        for match in _CALLED_OFF.finditer(name)
    )


def _span(start: Any, end: Any, zone: tzinfo) -> tuple[Moment | None, Moment | None]:
    """Return begin and end. Midnight as begin means that only the day is known.

    An end before the begin (Karlsruhe writes 00:00 of the same day for "open") is dropped, unless it reads as an
    end after midnight that was written with the day of the begin.
    """
    first, last = _time(start, zone), _time(end, zone)
    if first is None:
        return None, None
    local = first.astimezone(zone)
    if local.time() == time():
        return local.date(), None
    if last is not None and last <= first:
        next_day = last + timedelta(days=1)
        usable = last.astimezone(zone).time() != time() and first < next_day <= first + _LONGEST_MEETING
        last = next_day if usable else None
    return first, last


def _time(value: Any, zone: tzinfo) -> datetime | None:
    """Return an ISO 8601 time (local in ``zone`` without offset); ``None`` if missing, unreadable or a placeholder."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if not _EARLIEST <= found.year <= _LATEST:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _place(location: Mapping[str, Any]) -> str:
    """Return where it is in one line: the description, else room, street and town."""
    described = one_line(location.get("description"))
    if described:
        return described
    town = " ".join(filter(None, (one_line(location.get("postalCode")), one_line(location.get("locality")))))
    parts = (one_line(location.get("room")), one_line(location.get("streetAddress")), town)
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _point(location: Mapping[str, Any]) -> list[float] | None:
    """Return the location's point (longitude, latitude), turned round where a server swapped it."""
    geojson = location.get("geojson")
    shape = geojson.get("geometry", geojson) if isinstance(geojson, dict) else None
    pair = shape.get("coordinates") if isinstance(shape, dict) and shape.get("type") == "Point" else None
    numbers = [finite(one) for one in pair[:2]] if isinstance(pair, list) else []
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:  # noqa: PLR2004 - a pair
        return None
    lon, lat = numbers[0], numbers[1]
    if 44 <= lon <= 57 and 3 <= lat <= 20:  # noqa: PLR2004 - Central Europe; no German place fits both ways
        lon, lat = lat, lon
    return [lon, lat] if abs(lon) <= 180 and abs(lat) <= 90 and (lon, lat) != (0, 0) else None  # noqa: PLR2004


def _agenda(value: Any) -> Iterator[str]:
    """Yield the public items as ``number name``, in order; what is said to be non-public never leaves here.

    Besides ``public: false`` this hides what follows a heading "Nichtöffentliche Sitzung" and numbers like "N 2",
    as servers of OParl 1.0 leave ``public`` out.
    """
    items = [one for one in listed(value) if isinstance(one, dict)]
    closed = False
    kept = []
    for item in items[: _MOST_AGENDA * 3]:
        number, name = one_line(item.get("number"), 20), one_line(item.get("name"), 500)
        heading = _PUBLIC_PART.match(name)
        if heading:
            closed = bool(heading["closed"])
        if name and not heading and _is_public(item, number, closed=closed):
            kept.append((number, name))
    if all(_NUMBER.fullmatch(number) for number, _ in kept):
        kept.sort(key=lambda one: [int(part[:9]) for part in one[0].strip(".").split(".")])
    yield from (f"{number} {name}".strip() for number, name in kept[:_MOST_AGENDA])


def _is_public(item: Mapping[str, Any], number: str, *, closed: bool) -> bool:
    said = item.get("public")
    if is_true(said):
        return True
    return said is None and not closed and not re.match(r"N(?:Ö)?\W*\d", number, re.IGNORECASE)


def _files(value: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the meeting's documents as ``rel`` (the OParl property), ``href`` and ``title``, each address once."""
    known = set()
    for rel in _FILES:
        for file in listed(value.get(rel)):
            if not isinstance(file, dict):
                continue
            href = web_address(file.get("accessUrl")) or web_address(file.get("downloadUrl"))
            if href and (rel, href) not in known:
                known.add((rel, href))
                yield {"rel": rel, "href": href, "title": one_line(file.get("name") or file.get("fileName"))}
