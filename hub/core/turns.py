"""Turns: municipalities that share a lane are served one after the other, however much one of them sends (F-03).

Start-time fair queueing (Goyal, Vin, Cheng 1996): who enters the line gets a turn, the smallest is next. In one line
stand batches, whose people are to be told, and publications, of which a page of people is to be put into batches; a
municipality has at most one of each kind in a turn, so that planning keeps ahead of telling.
"""

from __future__ import annotations

from enum import StrEnum

NEVER = 1 << 62  # not in line yet: not due


class Kind(StrEnum):
    """What stands in line."""

    BATCH = "batch"
    PAGE = "page"  # the next of a publication


def next_turn(own: int | None, waiting: int | None, flying: int | None) -> int:
    """Return the turn of a batch or a page that enters the line of its lane.

    ``own`` is the last open turn of its municipality in this kind; ``waiting`` the smallest of any kind that nobody
    works on yet, ``flying`` the largest that somebody works on; each ``None`` if there is none. One after one's own
    last, but never before those who wait already: who was silent for long has saved nothing up.
    """
    here = waiting if waiting is not None else (flying + 1 if flying is not None else 0)
    return max(here, own + 1 if own is not None else 0, 0)


def order(batch: int | None, page: int | None) -> list[tuple[Kind, int | None]]:
    """Return what to try to take, one after the other, given the smallest turn of each kind (``None``: there is none).

    With each kind goes the largest turn that is before the other kind's (``None``: whichever): what was seen may have
    been taken by another worker meanwhile, and the next of its kind may have to wait. Of one turn the batch comes
    first: whose message is ready is told before others are planned.
    """
    if batch is None or page is None:
        return [(kind, None) for kind, turn in ((Kind.BATCH, batch), (Kind.PAGE, page)) if turn is not None]
    if batch <= page:
        return [(Kind.BATCH, page), (Kind.PAGE, None), (Kind.BATCH, None)]
    return [(Kind.PAGE, batch - 1), (Kind.BATCH, None), (Kind.PAGE, None)]


def yields(turn: int, batch: int | None, page: int | None) -> bool:
    """Whether a publication, whose next page has ``turn``, lets others go first.

    ``batch`` and ``page`` are the smallest turns that wait of other municipalities.
    """
    return (batch is not None and batch <= turn) or (page is not None and page < turn)
