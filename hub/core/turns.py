"""Turns: municipalities that share a lane are served one after the other, however much one of them sends (F-03).

Start-time fair queueing (Goyal, Vin, Cheng 1996): who enters the line gets a turn, the smallest is next.
"""

from __future__ import annotations

NEVER = 1 << 62  # not in line yet: not due


def next_turn(own: int | None, waiting: int | None, flying: int | None) -> int:
    """Return the turn of a batch that enters the line of its lane.

    ``own`` is the last open turn of its municipality, ``waiting`` the smallest that nobody works on yet, ``flying`` the
    largest that somebody works on; each ``None`` if there is none. One after one's own last, but never before those
    who wait already: who was silent for long has saved nothing up.
    """
    here = waiting if waiting is not None else (flying + 1 if flying is not None else 0)
    return max(here, own + 1 if own is not None else 0, 0)
