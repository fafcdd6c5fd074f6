"""A list of streets as the office shows it: what it holds, and each line that cannot be, in the office's words."""

from __future__ import annotations

from dataclasses import dataclass

from hub.core.streets import Reading, reading

MOST_SHOWN = 100


def _(message: str) -> str:
    return message


WHY = {
    "missing": _("the street is missing"),
    "columns": _("there are more than three columns, and no first line that names them"),
    "number": _("this is no house number; write 12, 12a or 1-57, several with commas between"),
    "letters": _("it has letters that cannot be read; save the file as UTF-8"),
    "long": _("a name has more than 70 letters"),
    "name": _("this is no name"),
    "position": _("latitude and longitude cannot be read; write 50.71 and 6.37"),
    "outside": _("latitude and longitude lie outside Germany; they must be degrees (WGS 84)"),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """How many streets and lines a list has, some of their names, and its faults (line, what stands there, why)."""

    streets: int
    lines: int
    names: tuple[str, ...]
    faults: tuple[tuple[int, str, str], ...]
    more: int
    reading: Reading


def heard(data: bytes) -> Heard:
    """Return what a file holds. Raises ``SettingsError`` for what is no list of streets."""
    found = reading(data)
    names = tuple(dict.fromkeys(one.name for one in found.streets))
    faults = tuple((one.line, one.text, WHY[one.sort]) for one in found.faults[:MOST_SHOWN])
    lines = len(found.streets) + len(found.faults)
    return Heard(len(names), lines, names[:5], faults, max(0, len(found.faults) - MOST_SHOWN), found)
