"""Pickups of the JSON answers of AWIDO (``getData``), Abfallnavi (``termine``) and MyMüll (``dates``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from calendars.text import decode, foreign, refuse
from feeds.waste.categories import is_holiday
from feeds.waste.pickup import Found, Pickup, read_day
from feeds.waste.table import WANTED
from feeds.waste.wording import clean
from hub.core.errors import SourceRefused
from hub.core.source import Document

_MOST = 50_000
_DAYS = ("dt", "datum", "day", "date", "start")
_TITLES = ("title", "titel", "name", "fraktion", "art", "abfallart", "summary", "trash_name")


def read_json(document: Document, fractions: Mapping[str, str], *, awido: bool = False) -> Found:
    """Return the pickups of a JSON answer; ``fractions`` are names for its codes. Raises ``SourceRefused``.

    With ``awido`` anything else than AWIDO's form is refused.
    """
    data = load(document)
    if isinstance(data, dict) and isinstance(data.get("calendar"), list):
        return _awido(data, fractions)
    if not awido:
        data = _appointments(data)
    if awido or not isinstance(data, list):
        raise refuse("JSON data of another form", "AWIDO's calendar" if awido else WANTED)
    if data and not any(isinstance(one, dict) and any(one.get(name) for name in _DAYS) for one in data):
        raise refuse("a list without dates, perhaps a provider's list of streets or fractions", WANTED)
    pickups: list[Pickup] = []
    faults: list[str] = []
    for at, entry in enumerate(data[:_MOST], 1):
        found = _entry(entry, fractions) if isinstance(entry, dict) else None
        if found is None:
            faults.append(f"Entry {at}: no date or no kind of waste.")
        elif not is_holiday(found.title):
            pickups.append(found)
    return Found(tuple(pickups), tuple(faults))


def read_lines(document: Document) -> Found:
    """Return the pickups of JSON lines, ``{"date": …, "title": …}`` each. Never raises: a broken line is a fault."""
    pickups: list[Pickup] = []
    faults: list[str] = []
    for at, line in enumerate(document.body.splitlines()[:_MOST], 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        found = _entry(entry, {}) if isinstance(entry, dict) else None
        if found is None:
            faults.append(f"Line {at}: no date or no kind of waste.")
        else:
            pickups.append(found)
    return Found(tuple(pickups), tuple(faults))


def load(document: Document) -> Any:
    """Return the JSON value of ``document``. Raises ``SourceRefused``."""
    text, _ = decode(document.body, document.content_type)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        what = foreign(document.body, text)
        if what and what != "JSON data":
            raise refuse(what, WANTED) from error
        raise SourceRefused("The JSON data are broken or cut off.") from error


def names_of(data: Any) -> dict[str, str]:
    """Return the names by id of an Abfallnavi ``fraktionen`` answer, or nothing if ``data`` is none."""
    if not isinstance(data, list) or not all(isinstance(one, dict) and "datum" not in one for one in data):
        return {}
    return {str(one["id"]): str(one["name"]) for one in data if "id" in one and isinstance(one.get("name"), str)}


def _appointments(data: Any) -> Any:
    """Return the dates of an abfall.io GraphQL answer; anything else as it is."""
    found = data.get("data") if isinstance(data, dict) else None
    return found.get("appointments", data) if isinstance(found, dict) else data


def _awido(data: Mapping[str, Any], fractions: Mapping[str, str]) -> Found:
    """Read AWIDO: ``dt`` day, ``fr`` codes, ``ad`` a remark per code; ``ad`` null marks a holiday."""
    known = data.get("fracts")
    names = {
        str(one.get("snm", "")): str(one.get("nm") or one.get("snm", ""))
        for one in (known if isinstance(known, list) else ())
        if isinstance(one, dict)
    } | dict(fractions)
    pickups: list[Pickup] = []
    faults: list[str] = []
    for at, entry in enumerate(data["calendar"][:_MOST], 1):
        codes, remarks = (entry.get("fr"), entry.get("ad")) if isinstance(entry, dict) else (None, ())
        if remarks is None:
            continue
        day = read_day(str(entry.get("dt", ""))) if isinstance(entry, dict) else None
        if day is None or not isinstance(codes, list) or not isinstance(remarks, list | tuple):
            faults.append(f"Entry {at}: no date or no kind of waste.")
            continue
        for place, code in enumerate(str(one) for one in codes[:50]):
            remark = str(remarks[place] or "").strip()[:500] if place < len(remarks) else ""
            pickups.append(Pickup(day, clean(names.get(code, code)).title, location=remark))
    return Found(tuple(one for one in pickups if one.title), tuple(faults))


def _entry(entry: Mapping[str, Any], fractions: Mapping[str, str]) -> Pickup | None:
    """Read one entry of a list: a day under a usual name, and what is collected by name or by code."""
    day = next((found for name in _DAYS if (found := read_day(str(entry.get(name) or "")))), None)
    title = next((str(entry[name]) for name in _TITLES if isinstance(entry.get(name), str) and entry[name].strip()), "")
    kind = entry.get("wasteType")
    title = title or (str(kind.get("name") or "") if isinstance(kind, dict) else "")
    title = fractions.get(title, title) or _by_code(entry, fractions)
    wording = clean(title)
    if day is None or not wording.title:
        return None
    return Pickup(day, wording.title, location=wording.address, cancelled=wording.cancelled)


def _by_code(entry: Mapping[str, Any], fractions: Mapping[str, str]) -> str:
    """Return the name of Abfallnavi's ``bezirk.fraktionId``; without a list of names, the number itself."""
    district = entry.get("bezirk")
    code = district.get("fraktionId") if isinstance(district, dict) else entry.get("fraktionId")
    return "" if code is None else fractions.get(str(code), f"Abfuhr (Fraktion {str(code)[:20]})")
