"""Fewer points for the same shape: what is left strays no further from the original than the step that was needed."""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.notice import Position

_FIRST_STEP = 1e-5  # degrees, about a metre
_SHORTEST_RING = 3  # positions


def thinned(lines: Sequence[Sequence[Position]], most: int) -> tuple[tuple[Position, ...], ...]:
    """Return ``lines`` with at most ``most`` positions in all; unchanged if they are few enough.

    A position is dropped when it lies within the step of the one kept before it; first and last stay, and the step
    doubles until the rest fits. Of too many lines every second is left out.
    """
    found = tuple(tuple(line) for line in lines)
    step = _FIRST_STEP
    while sum(map(len, found)) > most and step < 1:
        found = tuple(_spaced(line, step) for line in found)
        step *= 2
    while sum(map(len, found)) > most and len(found) > 1:
        found = found[::2]
    return found


def _spaced(line: tuple[Position, ...], step: float) -> tuple[Position, ...]:
    if len(line) <= _SHORTEST_RING:
        return line
    kept = [line[0]]
    for one in line[1:-1]:
        if abs(one[0] - kept[-1][0]) > step or abs(one[1] - kept[-1][1]) > step:
            kept.append(one)
    if len(kept) < _SHORTEST_RING - 1:
        kept.append(line[len(line) // 2])
    return (*kept, line[-1])
