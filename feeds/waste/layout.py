"""Where things stand in a town's table: its header, and which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calendars.text import refuse
from feeds._table.sheet import Row
from feeds.waste.categories import category
from feeds.waste.pickup import read_day
from hub.core.errors import SourceConfigError, SourceRefused

WANTED = "a waste calendar"
_HEAD = 20  # rows in which the header must stand, below a title
_DATE = {"datum", "date", "termin", "tag", "day", "abfuhrtermin", "abfuhrdatum", "abholdatum", "abholtermin",
         "leerungstermin", "leerung", "abfuhrtag", "start", "startdatum", "start date", "beginn"}  # fmt: skip
_FRACTION = {"abfuhrart", "fraktion", "tonne", "art", "abfallart", "müllart", "sammelart", "behälter", "abfall",
             "abfuhr", "bezeichnung", "titel", "betreff", "typ", "type", "fraction", "waste", "waste type", "subject",
             "leistung", "entsorgungsart", "wertstoff", "sorte", "material"}  # fmt: skip
_ZONE = {"bezirk", "zone", "tour", "ort", "straße", "strasse", "ortsteil", "gebiet", "revier", "abfuhrbezirk",
         "abfuhrgebiet", "stadtteil", "gemeinde", "district", "area", "street", "sammelgebiet"}  # fmt: skip
_PLAN = {"turnus", "rhythmus", "abfuhrrhythmus", "leerungsrhythmus", "abfuhrturnus", "intervall", "abfuhrplan",
         "regelabfuhr", "regel"}  # fmt: skip
_SINCE = {"ab", "erster termin", "erstmals", "erste abfuhr", "beginn", "start", "gültig ab", "startdatum"}
_PLACE = {"ort der abholung", "standort", "standplatz", "haltestelle", "location", "treffpunkt"}
_WEEKDAY = {"wochentag", "weekday", "tag der woche", "abfuhrtag", "leerungstag", "tag"}
_WEEK = {"kw", "kalenderwoche", "woche"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand: the header's row, and the columns; ``date`` is ``None`` if the cells are the dates."""

    header: int
    titles: tuple[str, ...]
    date: int | None
    fraction: int | None
    zone: int | None
    location: int | None
    fractions: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()  # the zone of each column, if a row above the header names them
    only: str = ""  # what is collected, if the sheet's name says it
    more: tuple[int | None, ...] = ()  # of a plan: the day of the week, the first day


def find_layout(rows: Sequence[Row], config: Mapping[str, str], sheet: str) -> Layout:
    """Find header and columns. Raises ``SourceRefused`` or ``SourceConfigError``."""
    only = sheet if category(sheet) != "other" else ""
    for at, row in enumerate(rows[:_HEAD]):
        names = tuple(one.lower() for one in _titles(row))
        if any(
            config.get(f"column_{one}", "").lower() in names
            for one in ("date", "fraction")
            if config.get(f"column_{one}")
        ):
            return _columns(at, rows, config, only)
        known = sum(name in _DATE or name in _FRACTION or category(name) != "other" for name in names)
        if known and not any(read_day(cell) for cell in row) and len({*names} - {""}) > (not only):
            return _columns(at, rows, config, only)
    for name in ("date", "fraction", "zone"):
        if config.get(f"column_{name}"):
            raise SourceConfigError(f"The table has no column {config[f'column_{name}']!r}.")
    return _headless(rows)


def _columns(header: int, rows: Sequence[Row], config: Mapping[str, str], only: str) -> Layout:
    titles = _titles(rows[header])
    names = tuple(one.lower() for one in titles)
    day = _column(names, "date", _DATE, config)
    fraction = _column(names, "fraction", _FRACTION, config)
    zone = _column(names, "zone", _ZONE, config)
    location = next((at for at, name in enumerate(names) if name in _PLACE), None)
    plan = next((at for at, name in enumerate(names) if name in _PLAN), None)
    more: tuple[int | None, ...] = ()
    if plan is not None and not config.get("column_date"):
        more = tuple(next((at for at, name in enumerate(names) if name in usual), None) for usual in (_WEEKDAY, _SINCE))
        day = plan
    taken = {day, fraction, zone, location, *more}
    wide = tuple(at for at, name in enumerate(names) if at not in taken and name and name not in _WEEKDAY | _WEEK)
    sorts = tuple(at for at in wide if category(names[at]) != "other")
    if fraction is None and not wide and not only:
        raise SourceRefused("The table names no kind of waste.")
    if day is None and not sorts:
        raise SourceRefused("The table has no column with dates.")
    if fraction is None and day is not None and only and not sorts:
        return Layout(header, titles, day, None, zone, location, only=only, more=more)
    fractions = wide if day is not None else sorts
    groups = _groups(rows, header, titles, fractions)
    return Layout(header, titles, day, fraction, zone, location, fractions, groups, more=more)


def _titles(row: Row) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()).strip(":") for cell in row)


def _groups(rows: Sequence[Row], header: int, titles: tuple[str, ...], columns: Sequence[int]) -> tuple[str, ...]:
    """Return the zone of each column if the row above the header names one: the same fractions stand under each."""
    names = [titles[at].lower() for at in columns]
    if not header or len(set(names)) == len(names):
        return ()
    above, found, last = rows[header - 1], list[str](), ""
    for at in range(len(titles)):
        last = (above[at] if at < len(above) else "") or last  # in CSV only the first cell of a merged one is filled
        found.append(" ".join(last.split())[:100])
    return tuple(found) if len({found[at] for at in columns}) > 1 else ()


def _column(names: Sequence[str], which: str, usual: set[str], config: Mapping[str, str]) -> int | None:
    """Return the column that the settings name, else the first with a usual name."""
    wanted = " ".join(config.get(f"column_{which}", "").lower().split())
    if wanted:
        if wanted not in names:
            raise SourceConfigError(
                f"The table has no column {wanted!r}; it has {', '.join(filter(None, names))[:200]}."
            )
        return list(names).index(wanted)
    return next((at for at, name in enumerate(names) if name in usual), None)


def _headless(rows: Sequence[Row]) -> Layout:
    """Read a table without header by its cells: a date, and a word for waste in the same row."""
    for row in rows[:_HEAD]:
        day = next((at for at, cell in enumerate(row) if read_day(cell)), None)
        fraction = next((at for at, cell in enumerate(row) if category(cell) != "other"), None)
        if day is not None and fraction is not None:
            return Layout(-1, (), day, fraction, None, None)
    raise refuse("a table without dates and kinds of waste", WANTED)
