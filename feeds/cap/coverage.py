"""Which alerts touch a town: official codes compared as a hierarchy (setting ``areas``)."""

from __future__ import annotations

import re
from typing import Any

from hub.core.errors import SourceConfigError

_ARS, _ASSOCIATION, _WARN_CELL, _DISTRICT = 12, 9, 9, 5  # digits
_WHOLE = "8"  # first digit of a warn cell that is a municipality; the others are (parts of) districts, lakes, coasts


def wanted(text: str) -> tuple[str, ...]:
    """Read the setting ``areas``: codes or their beginnings, separated by commas or blanks.

    Raises ``SourceConfigError`` for a word that cannot begin a code.
    """
    found = tuple(one for one in re.split(r"[\s,;]+", text.strip()) if one)
    for one in found:
        if not re.fullmatch(r"[A-Z]{0,3}\d{1,12}", one, re.ASCII):
            raise SourceConfigError(f"{one!r} in the setting 'areas' is no warn cell, AGS or ARS.")
    return found


def cut_to(data: dict[str, Any], areas: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the alert with the places that touch ``areas``, or ``None`` if it concerns others only.

    An alert that continues or cancels earlier ones (``references``) is always kept, with all its places if none
    of them touches: the people who were told before must hear that it is over, or has moved on. So is one
    that gives only an outline: the hub compares it with the ground.
    """
    if not areas:
        return data
    places = [one for one in data["places"] if any(_touches(one[0], one[1], area) for area in areas)]
    if places:
        return {**data, "places": places}
    keep = data["references"] or not data["places"]
    return data if keep else None


def _touches(scheme: str, code: str, area: str) -> bool:
    """Whether the place ``code`` and the ``area`` (a code or its beginning) contain one another.

    In doubt, what kind of code ``area`` is, each is tried: a warning too many can be sorted out later.
    """
    if code.startswith(area):
        return True
    region = _region(scheme, code)
    return bool(region) and any(one.startswith(region) or region.startswith(one) for one in _readings(area))


def _readings(area: str) -> set[str]:
    """Return what ``area`` may mean as an AGS or its beginning."""
    found = {area if len(area) < _ASSOCIATION else _region("ars", area)}
    if len(area) == _WARN_CELL:
        found.add(_region("warncell", area))
    return found - {""}


def _region(scheme: str, code: str) -> str:
    """Return the AGS (8 digits) or district (5) or land (2) that ``code`` lies in; "" for lakes, coasts and others."""
    if scheme == "warncell":
        if code[0] == _WHOLE:
            return code[1:]
        return code[1 : 1 + _DISTRICT] if code[0] in "179" else ""
    if scheme == "ars":
        ags = code[:_DISTRICT] + code[_ASSOCIATION:] if len(code) == _ARS else code[:_DISTRICT]
        return _cut(ags)
    return _cut(code) if scheme == "ags" else ""


def _cut(ags: str) -> str:
    """Return ``ags`` without the zeros that say "all of it"."""
    for level in (2, 3, _DISTRICT):
        if not ags[level:].strip("0"):
            return ags[:level]
    return ags
