"""A municipality's list of streets as a clerk has it: one a line, with house numbers and the waste zone if told. Pure.

``Ahornweg``, ``Ahornweg;1-57``, ``Ahornweg;58-99;Bezirk 2``. Semicolons, tabs or commas part the columns; a first line
that names them may put them in another order, and add a district and coordinates. GeoJSON (RFC 7946) is read as well:
one feature a street or a piece of one, its name and columns among the properties.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hub.core.errors import SettingsError
from hub.core.place import is_house, local_path, slug

MOST_BYTES = 5_000_000
_MOST_NAME = 70  # characters: street and house number fit into a path
_MOST_FAULTS = 10  # of one file, in one message
_SHOWN = 60  # characters of a faulty line
_NOWHERE = 1 << 16  # the place of a column that is not there
_STREET, _HOUSES, _ZONE, _DISTRICT, _LAT, _LON = range(6)
_PLAIN = 3  # columns of a list whose first line names none
_COLUMNS: Mapping[int, set[str]] = {
    _STREET: {"strasse", "strassen", "strassenname", "street", "streets", "name", "str-name"},
    _HOUSES: {"hausnummer", "hausnummern", "nummer", "nummern", "nr", "house", "houses", "house-numbers"},
    _ZONE: {"zone", "bezirk", "abfuhrbezirk", "tour", "gebiet", "waste-zone"},
    _DISTRICT: {"ortsteil", "stadtteil", "gemeindeteil", "ort", "district"},
    _LAT: {"lat", "latitude", "breite", "breitengrad", "y"},
    _LON: {"lon", "lng", "long", "longitude", "laenge", "laengengrad", "x"},
}
# Germany with a margin: what lies outside is another reference system, or latitude and longitude exchanged.
_LATS, _LONS = (47.0, 55.3), (5.5, 15.3)
Position = tuple[float, float]  # longitude, latitude


@dataclass(frozen=True, slots=True)
class Street:
    """One line: a street, house numbers or ranges of it (``1-57``), the waste zone and district they lie in, where."""

    name: str
    houses: tuple[str, ...] = ()
    zone: str = ""
    district: str = ""
    at: Position | None = None


class _WrongError(ValueError):
    """Why a line cannot be; ``sort`` is the same in one word, for those who say it in another language."""

    def __init__(self, sort: str, why: str) -> None:
        super().__init__(why)
        self.sort = sort


@dataclass(frozen=True, slots=True)
class Fault:
    """A line (or feature, from 1 on) that cannot be: what stands there, and why not, in words and as one of a sort."""

    line: int
    text: str
    why: str
    sort: str


SORTS = ("missing", "columns", "number", "letters", "long", "name", "position", "outside")


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a file holds: nothing of it is left out in silence."""

    streets: tuple[Street, ...]
    faults: tuple[Fault, ...] = ()


def reading(data: bytes) -> Reading:
    """Return the streets of a file in UTF-8, UTF-16 with a mark, or Windows-1252, and its lines that cannot be.

    Raises ``SettingsError`` for what is no such file.
    """
    text = _text(data)
    found, faults = [], []
    for line, cells in _features(text) if text.lstrip().startswith("{") else _rows(text):
        try:
            found.append(_street(cells))
        except _WrongError as error:
            faults.append(Fault(line, "; ".join(filter(None, cells))[:_SHOWN], str(error), error.sort))
    if not found and not faults:
        raise SettingsError("The list of streets is empty.")
    return Reading(tuple(found), tuple(faults))


def read(data: bytes) -> tuple[Street, ...]:
    """Return the streets of a file that must be right as a whole.

    Raises ``SettingsError`` that names every line that cannot be, the first ten in full.
    """
    found = reading(data)
    if found.faults:
        more = len(found.faults) - _MOST_FAULTS
        lines = [f"  line {one.line}: {one.why}" for one in found.faults[:_MOST_FAULTS]]
        lines += [f"  … and {more} more lines"] if more > 0 else []
        raise SettingsError("\n".join(["The list of streets has faults:", *lines]))
    return found.streets


def spots(streets: Sequence[Street], parent: str) -> dict[str, Position]:
    """Return where the streets below ``parent`` lie, by path, those of which it is known; the first word counts."""
    found: dict[str, Position] = {}
    for one in streets:
        if one.at is not None:
            found.setdefault(local_path(parent, "street", one.name), one.at)
    return found


def places(streets: Sequence[Street], parent: str) -> list[tuple[str, str, str]]:
    """Return the local places below ``parent`` that ``streets`` name, each once: path, kind, name."""
    found: dict[str, tuple[str, str, str]] = {}
    for one in streets:
        named = [("street", one.name, one.name)]
        named += [("house", f"{one.name.replace('/', '-')}/{house}", f"{one.name} {house}") for house in one.houses]
        named += [("zone", one.zone, one.zone)] if one.zone else []
        named += [("district", one.district, one.district)] if one.district else []
        for kind, value, name in named:
            path = local_path(parent, kind, value)
            found.setdefault(path, (path, kind, name))
    return list(found.values())


def _text(data: bytes) -> str:
    """Return the text of a file. Raises ``SettingsError`` for what is none."""
    if len(data) > MOST_BYTES:
        raise SettingsError(f"The list of streets has {len(data) // 1_000_000} MB; {MOST_BYTES // 1_000_000} are read.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"PK") or b"\0" in data:
        raise SettingsError("The list of streets is no text file. Save it as CSV (in Excel or LibreOffice: Save as).")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line that says something; what stands beyond the columns comes behind them."""
    delimiter = next((one for one in ";\t," if one in text), ";")
    order: list[int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        cells = [" ".join(cell.split()) for cell in next(csv.reader(io.StringIO(line), delimiter=delimiter), [])]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if order is None:
            order = _order(cells)
            if order:
                continue
        named = [cells[at] if at < len(cells) else "" for at in order] if order else _padded(cells[:_PLAIN])
        yield number, named if order else named + cells[_PLAIN:]


def _order(cells: Sequence[str]) -> list[int]:
    """Return at which place a line that names the columns has each of them; [] for any other line."""
    folded = [slug(cell) for cell in cells]
    found = [next((at for at, cell in enumerate(folded) if cell in names), _NOWHERE) for names in _COLUMNS.values()]
    return found if found[_STREET] != _NOWHERE else []


def _padded(cells: list[str]) -> list[str]:
    return cells + [""] * (len(_COLUMNS) - len(cells))


def _features(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each feature of a GeoJSON text. Raises ``SettingsError`` for what is none."""
    try:
        found = json.loads(text)
        features = [found] if found.get("type") == "Feature" else list(found["features"])
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError("The list of streets is no GeoJSON: a FeatureCollection of streets is read.") from error
    for number, one in enumerate(features, 1):
        given = one.get("properties") if isinstance(one, dict) else None
        told = {slug(str(name)): value for name, value in given.items()} if isinstance(given, dict) else {}
        cells = [
            " ".join(str(next((told[name] for name in sorted(names) if told.get(name) is not None), "")).split())
            for names in _COLUMNS.values()
        ]
        at = _middle(one.get("geometry") if isinstance(one, dict) else None)
        cells[_LAT:] = [str(at[1]), str(at[0])] if at is not None else cells[_LAT:]
        yield number, cells


def _middle(geometry: Any) -> Position | None:
    """Return the middle one of a geometry's points."""
    try:
        points = list(_points(geometry["coordinates"]))
        return points[len(points) // 2] if points else None
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError, IndexError):
        return None


def _points(found: Any) -> Iterator[Position]:
    if isinstance(found[0], int | float):
        return iter([(float(found[0]), float(found[1]))])
    return chain.from_iterable(_points(one) for one in found)


def _street(cells: Sequence[str]) -> Street:
    """Return the street of one line. Raises ``_WrongError`` that says what is wrong with it."""
    name, houses, zone, district, lat, lon, *more = cells
    if any(more):
        raise _WrongError("columns", f"there are {len(more) + _PLAIN} columns; street, house numbers and zone are read")
    for what, text in (("street", name), ("zone", zone), ("district", district)):
        _check_name(what, text)
    if not slug(name):
        raise _WrongError("missing", "the street is missing")
    numbers = tuple(one.strip() for one in houses.split(",") if one.strip())
    for one in numbers:
        if not is_house(one):
            raise _WrongError(
                "number", f"{one!r} is no house number; write 12, 12a or 1-57, several with commas between"
            )
    return Street(name, numbers, zone, district, _position(lat, lon))


def _check_name(what: str, text: str) -> None:
    if "\ufffd" in text or not text.isprintable():
        raise _WrongError("letters", f"the {what} {text!r} has letters that cannot be read; save the file as UTF-8")
    if len(text) > _MOST_NAME:
        raise _WrongError("long", f"the {what} has {len(text)} characters; {_MOST_NAME} are allowed")
    if text and not slug(text):
        raise _WrongError("name", f"{text!r} is no name of a {what}")


def _position(lat: str, lon: str) -> Position | None:
    """Return where a street lies; ``None`` if it is not told. Raises ``_WrongError`` for what cannot be."""
    if not lat and not lon:
        return None
    try:
        found = float(lon.replace(",", ".")), float(lat.replace(",", "."))
    except ValueError:
        raise _WrongError(
            "position", f"{lat!r} and {lon!r} are no latitude and longitude; write 50.71 and 6.37"
        ) from None
    if not (_LONS[0] <= found[0] <= _LONS[1] and _LATS[0] <= found[1] <= _LATS[1]):
        raise _WrongError(
            "outside", f"latitude {lat} and longitude {lon} lie outside Germany; are they degrees (WGS 84)?"
        )
    return found
