"""One OParl Meeting, repaired: what parsing hands to normalising, as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from feeds._json_body import finite, one_line, web_address
from feeds.council.oparl import is_true, listed
from feeds.council.openness import Agenda, is_refused, may_be_shown, read_agenda, says_closed
from hub.core.codec import moment_to_json
from hub.core.notice import Moment

_EARLIEST = 1990  # servers write 1970-01-01 for "unknown"
_LATEST = 2199
_LONGEST_MEETING = timedelta(hours=10)  # an end after midnight is believed up to this
_MOST_AGENDA = 300
_MOST_FILES = 100
_FILES = ("invitation", "resultsProtocol", "verbatimProtocol", "auxiliaryFile")
_ITEM_FILES = ("resolutionFile", "mainFile", "auxiliaryFile")
_NOTHING: Mapping[str, Any] = {
    "name": "", "start": None, "end": None, "location": "", "point": None, "agenda": [], "files": [], "url": "",
}  # fmt: skip
_CALLED_OFF = re.compile(
    r"\b(?:abgesagt|abgesetzt|entf(?:ä|ae)llt|entfallen|f(?:ä|ae)llt aus|ausgefallen|aufgehoben|verschoben|verlegt|"
    r"cancell?ed)\b",
    re.IGNORECASE,
)


def read_meeting(value: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Return the repaired facts of a Meeting object (OParl 1.1, 3.8) as plain JSON.

    Of a meeting that is not public (``closed``) nothing is left but whether it is called off.

    Raises ``ValueError`` in plain words if it is not deleted and has no usable start.
    """
    deleted = is_true(value.get("deleted"))
    start, end = _span(value.get("start"), value.get("end"), zone)
    if start is None and not deleted:
        raise ValueError("The meeting has no start.")
    name, state = one_line(value.get("name"), 250), one_line(value.get("meetingState"))
    agenda = read_agenda(value.get("agendaItem"))
    cancelled = deleted or is_true(value.get("cancelled")) or is_called_off(name, state)
    sent = moment_to_json(_time(value.get("modified"), zone) or _time(value.get("created"), zone))
    if says_closed(name) or agenda.closed or is_refused(value.get("public")):
        return {**_NOTHING, "cancelled": cancelled, "closed": True, "sent": sent}
    location = value.get("location") if isinstance(value.get("location"), dict) else {}
    return {
        "closed": False,
        "name": name,
        "start": moment_to_json(start),
        "end": moment_to_json(end),
        "cancelled": cancelled,
        "location": _place(location or {}),
        "point": _point(location or {}),
        "agenda": list(_agenda(agenda)),
        "files": list(_files(value, agenda))[:_MOST_FILES],
        "url": web_address(value.get("web")) or web_address(value.get("id")),
        "sent": sent,
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


def _agenda(agenda: Agenda) -> Iterator[str]:
    yield from (f"{number} {name}".strip() for number, name, _ in agenda.items[:_MOST_AGENDA])


def _files(value: Mapping[str, Any], agenda: Agenda) -> Iterator[dict[str, str]]:
    """Yield the public documents as ``rel`` (the OParl property), ``href`` and ``title``, each address once.

    First the meeting's own, then those of its public items: what is decided, and the papers that are discussed.
    """
    known = set()
    for rel, file, about in _documents(value, agenda):
        href = web_address(file.get("accessUrl")) or web_address(file.get("downloadUrl"))
        if href and (rel, href) not in known and may_be_shown(file, agenda):
            known.add((rel, href))
            title = one_line(file.get("name") or file.get("fileName"))
            yield {"rel": rel, "href": href, "title": ": ".join(filter(None, (about, title)))}


def _documents(value: Mapping[str, Any], agenda: Agenda) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield each document with its property and the item that it belongs to ("TOP 3")."""
    for rel in _FILES:
        yield from ((rel, file, "") for file in listed(value.get(rel)) if isinstance(file, dict))
    for number, _, item in agenda.items:
        about = f"TOP {number.rstrip('.')}" if number else ""
        for holder in (item, *_papers(item)):
            for rel in _ITEM_FILES:
                yield from ((rel, file, about) for file in listed(holder.get(rel)) if isinstance(file, dict))


def _papers(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the papers that an item embeds through its consultations (OParl 1.1, 3.10)."""
    for consultation in listed(item.get("consultation")):
        if isinstance(consultation, dict):
            yield from (one for one in listed(consultation.get("paper")) if isinstance(one, dict))
