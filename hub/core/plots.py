"""Plots as numbers: where ticks, lines and bars of a picture go, in its own units. Pure; templates write the SVG.

All plots have slots of equal length from left to right, an hour or a day each. A slot without a value is a gap, which
is something else than nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
# Beyond a second, people count in seconds, minutes, hours and days, not in powers of ten.
_SPANS = (
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, *(_MINUTE * one for one in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * one for one in (1, 2, 4, 6, 12)), *(_DAY * one for one in (1, 2, 5, 10, 20, 50, 100)),
)  # fmt: skip
_DOT = 2.0  # half the length of the dash that a single value is drawn as
_BAR = 0.8  # of a slot's width
Values = Sequence[float | None]


class Scale(StrEnum):
    """What an axis counts in, so that its marks are round."""

    PLAIN = "plain"
    WHOLE = "whole"  # counts of things
    SPAN = "span"  # seconds


@dataclass(frozen=True, slots=True)
class Box:
    """The inner part of a picture of ``width`` x ``height`` units, where the values are drawn."""

    width: float = 640.0
    height: float = 220.0
    left: float = 64.0
    right: float = 8.0
    top: float = 10.0
    bottom: float = 28.0

    @property
    def wide(self) -> float:
        """How wide the inner part is."""
        return self.width - self.left - self.right

    @property
    def high(self) -> float:
        """How high the inner part is."""
        return self.height - self.top - self.bottom

    def y(self, value: float, highest: float) -> float:
        """Return where a value stands; what is beyond the scale stands at its end."""
        part = min(max(value / highest, 0.0), 1.0) if highest > 0 else 0.0
        return round(self.height - self.bottom - part * self.high, 2)

    def x(self, slot: float, slots: int) -> float:
        """Return where a slot begins."""
        return round(self.left + self.wide * slot / max(slots, 1), 2)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it is, and which value or slot it names."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture: its box, the marks of both axes, and one path per row of values."""

    box: Box
    up: tuple[Tick, ...]
    along: tuple[Tick, ...]
    paths: tuple[str, ...]


def ticks(highest: float, scale: Scale = Scale.PLAIN, *, most: int = 5) -> list[float]:
    """Return round values from 0 to at least ``highest``, at most ``most`` + 1 of them."""
    if not math.isfinite(highest) or highest <= 0:
        highest = 1.0
    step = _step(highest / most, scale)
    count = max(1, math.ceil(highest / step - 1e-9))
    return [round(step * number, 10) for number in range(count + 1)]


def _step(least: float, scale: Scale) -> float:
    if scale is Scale.SPAN and 1.0 < least <= _SPANS[-1]:
        return next(one for one in _SPANS if one >= least * (1 - 1e-9))
    power = 10.0 ** math.floor(math.log10(least))
    step = next(one * power for one in _STEPS if one * power >= least * (1 - 1e-9))
    return float(max(1, math.ceil(step - 1e-9))) if scale is Scale.WHOLE else step


def along(slots: int, most: int = 7) -> list[int]:
    """Return which slots get a name: evenly spaced, the last among them."""
    step = max(1, math.ceil(slots / most))
    return sorted(range(slots - 1, -1, -step))


def lines(rows: Sequence[Values], scale: Scale = Scale.PLAIN, *, most: int = 7, box: Box | None = None) -> Drawn:
    """Draw each row of values as a line, broken where there is a gap; at most ``most`` slots are named."""
    here, slots = box or Box(), max((len(row) for row in rows), default=0)
    marks = ticks(max(_all(rows), default=0.0), scale)
    paths = tuple(_line(row, slots, marks[-1], here) for row in rows)
    return Drawn(here, _up(marks, here), _along(slots, most, here), paths)


def _line(row: Values, slots: int, highest: float, box: Box) -> str:
    parts: list[str] = []
    for slot, value in enumerate(row):
        if value is None:
            continue
        x, y = box.x(slot + 0.5, slots), box.y(value, highest)
        alone = (slot == 0 or row[slot - 1] is None) and (slot + 1 == len(row) or row[slot + 1] is None)
        if alone:
            parts.append(f"M{max(box.left, x - _DOT):g} {y:g}H{min(box.width - box.right, x + _DOT):g}")
        else:
            parts.append(f"{'M' if slot == 0 or row[slot - 1] is None else 'L'}{x:g} {y:g}")
    return "".join(parts)


def bars(rows: Sequence[Values], *, most: int = 7, box: Box | None = None) -> Drawn:
    """Draw counts as bars, the rows of one slot upon each other, the first at the bottom."""
    here, slots = box or Box(), max((len(row) for row in rows), default=0)
    sums = [sum(max(_at(row, slot), 0.0) for row in rows) for slot in range(slots)]
    marks = ticks(max(sums, default=0.0), Scale.WHOLE)
    width = here.wide / max(slots, 1) * _BAR
    below, paths = [0.0] * slots, []
    for row in rows:
        path = ""
        for slot in range(slots):
            value = max(_at(row, slot), 0.0)
            bottom, top = here.y(below[slot], marks[-1]), here.y(below[slot] + value, marks[-1])
            below[slot] += value
            if bottom > top:
                path += f"M{here.x(slot + (1 - _BAR) / 2, slots):g} {bottom:g}V{top:g}h{width:.2f}V{bottom:g}z"
        paths.append(path)
    return Drawn(here, _up(marks, here), _along(slots, most, here), tuple(paths))


def _at(row: Values, slot: int) -> float:
    return (row[slot] or 0.0) if slot < len(row) else 0.0


def _all(rows: Sequence[Values]) -> list[float]:
    return [value for row in rows for value in row if value is not None]


def _up(marks: Sequence[float], box: Box) -> tuple[Tick, ...]:
    return tuple(Tick(box.y(value, marks[-1]), value) for value in marks)


def _along(slots: int, most: int, box: Box) -> tuple[Tick, ...]:
    return tuple(Tick(box.x(slot + 0.5, slots), slot) for slot in along(slots, most))
