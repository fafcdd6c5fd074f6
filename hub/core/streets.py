"""A municipality's list of streets as a clerk has it: one a line, with house numbers and the waste zone if told. Pure.

``Ahornweg``, ``Ahornweg;1-57``, ``Ahornweg;58-99;Bezirk 2``. Semicolons, tabs or commas part the columns; a first line
that names them may put them in another order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.core.errors import SettingsError
from hub.core.place import is_house, local_path, slug

MOST_BYTES = 5_000_000
_MOST_NAME = 70  # characters: street and house number fit into a path
_MOST_FAULTS = 10  # of one file, in one message
_NOWHERE = 1 << 16  # the place of a column that is not there
_STREET, _HOUSES, _ZONE = range(3)
_COLUMNS = {
    _STREET: {"strasse", "strassen", "strassenname", "street", "streets", "name"},
    _HOUSES: {"hausnummer", "hausnummern", "nummer", "nummern", "nr", "house", "houses", "house-numbers"},
    _ZONE: {"zone", "bezirk", "abfuhrbezirk", "tour", "gebiet", "waste-zone"},
}


@dataclass(frozen=True, slots=True)
class Street:
    """One line: a street, house numbers or ranges of it (``1-57``), and the waste zone they lie in."""

    name: str
    houses: tuple[str, ...] = ()
    zone: str = ""


def read(data: bytes) -> tuple[Street, ...]:
    """Return the streets of a file in UTF-8, UTF-16 with a mark, or Windows-1252.

    Raises ``SettingsError`` that names every line that cannot be, the first ten in full.
    """
    found, faults = [], []
    for line, cells in _rows(_text(data)):
        try:
            found.append(_street(cells))
        except ValueError as error:
            faults.append(f"  line {line}: {error}")
    if faults:
        more = [f"  … and {len(faults) - _MOST_FAULTS} more lines"] if len(faults) > _MOST_FAULTS else []
        raise SettingsError("\n".join(["The list of streets has faults:", *faults[:_MOST_FAULTS], *more]))
    if not found:
        raise SettingsError("The list of streets is empty.")
    return tuple(found)


def places(streets: Sequence[Street], parent: str) -> list[tuple[str, str, str]]:
    """Return the local places below ``parent`` that ``streets`` name, each once: path, kind, name."""
    found: dict[str, tuple[str, str, str]] = {}
    for one in streets:
        named = [("street", one.name, one.name)]
        named += [("house", f"{one.name.replace('/', '-')}/{house}", f"{one.name} {house}") for house in one.houses]
        named += [("zone", one.zone, one.zone)] if one.zone else []
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
    """Yield number and cells (street, house numbers, zone, anything more) of each line that says something."""
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
        yield number, [cells[at] if at < len(cells) else "" for at in order] if order else cells


def _order(cells: Sequence[str]) -> list[int]:
    """Return at which place a line that names the columns has street, house numbers and zone; [] for any other."""
    folded = [slug(cell) for cell in cells]
    found = [next((at for at, cell in enumerate(folded) if cell in names), _NOWHERE) for names in _COLUMNS.values()]
    return found if found[_STREET] != _NOWHERE else []


def _street(cells: Sequence[str]) -> Street:
    """Return the street of one line. Raises ``ValueError`` that says what is wrong with it."""
    name, houses, zone, *more = [*cells, "", "", ""][: max(3, len(cells))]
    if any(more):
        raise ValueError(f"there are {len(cells)} columns; street, house numbers and zone are read")
    for what, text in (("street", name), ("zone", zone)):
        if "\ufffd" in text or not text.isprintable():
            raise ValueError(f"the {what} {text!r} has letters that cannot be read; save the file as UTF-8")
        if len(text) > _MOST_NAME:
            raise ValueError(f"the {what} has {len(text)} characters; {_MOST_NAME} are allowed")
        if text and not slug(text):
            raise ValueError(f"{text!r} is no name of a {what}")
    if not slug(name):
        raise ValueError("the street is missing")
    numbers = tuple(one.strip() for one in houses.split(",") if one.strip())
    for one in numbers:
        if not is_house(one):
            raise ValueError(f"{one!r} is no house number; write 12, 12a or 1-57, several with commas between")
    return Street(name, numbers, zone)
