"""Which alerts touch a town: official codes compared as a hierarchy (setting ``areas``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from feeds.cap.area import Area, without_codes
from hub.core.errors import SourceConfigError
from hub.core.notice import PlaceRef

_ARS, _ASSOCIATION, _WARN_CELL, _DISTRICT = 12, 9, 9, 5  # digits
_DIGITS = frozenset({"ars", "ags", "warncell"})
_WHOLE = "8"  # first digit of a warn cell that is a municipality; the others are (parts of) districts, lakes, coasts


def wanted(text: str, places: Iterable[PlaceRef] = ()) -> tuple[str, ...]:
    """Read the setting ``areas``: codes or their beginnings, separated by commas or blanks; without it the ``places``.

    Raises ``SourceConfigError`` for a word that cannot begin a code.
    """
    found = tuple(one for one in re.split(r"[\s,;]+", text.strip()) if one)
    for one in found:
        if not re.fullmatch(r"[A-Z]{0,3}\d{1,12}", one, re.ASCII):
            raise SourceConfigError(f"{one!r} in the setting 'areas' is no warn cell, AGS or ARS.")
    return found or tuple(one.value for one in places if one.scheme in _DIGITS)


def cut_to(infos: Sequence[Sequence[Area]], areas: tuple[str, ...]) -> list[list[Area]] | None:
    """Return the areas of each part (``<info>``) of an alert that touch ``areas``, or ``None`` if none of it does.

    A part that is for others only gets no areas: in an alert with several groups of texts and areas, a town reads
    only what is meant for it. What has no code (an outline, a MeteoAlarm area) stays: the hub compares it with the
    ground.
    """
    whole = [list(one) for one in infos]
    if not areas:
        return whole
    cut = [_cut_part(one, areas) for one in whole]
    coded = any(one.codes for part in whole for one in part)
    return cut if any(_tells(part) for part in cut) or not coded else None


def _cut_part(part: Sequence[Area], areas: tuple[str, ...]) -> list[Area]:
    """Return the areas of one part that touch, and its outlines unless all its codes are elsewhere."""
    found = [
        without_codes(one, [code for code in one.codes if any(_touches(*code, area) for area in areas)]) for one in part
    ]
    coded = any(one.codes for one in part)
    if coded and not any(one.codes for one in found):
        return []
    return [one for one, before in zip(found, part, strict=True) if one.codes or not before.codes]


def _tells(part: Sequence[Area]) -> bool:
    """Whether a part names some place at all."""
    return any(one.codes or one.rings or one.circles for one in part)


def _touches(scheme: str, code: str, area: str) -> bool:
    """Whether the place ``code`` and the ``area`` (a code or its beginning) contain one another.

    In doubt, what kind of code ``area`` is, each is tried: a warning too many can be sorted out later. Codes of other
    schemes (EMMA_ID, NUTS) are compared only if ``area`` is one of them.
    """
    if code.startswith(area):
        return True
    if scheme not in _DIGITS:
        return area.isdecimal()
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
