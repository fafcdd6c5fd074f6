"""What a snapshot's gaps mean: an item that two agreeing polls miss has ended, if few enough are missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hub.core.changes import AGREEING_POLLS, INSISTED, VANISH_LEAST, VANISH_SHARE, Absence


@dataclass(frozen=True, slots=True)
class Gaps:
    """What to do with the live items of a snapshot, by id: all that are in none of the lists stay as they are."""

    ended: tuple[str, ...] = ()  # withdraw
    missed: tuple[str, ...] = ()  # remember as missed once, ask again soon
    asked: tuple[str, ...] = ()  # too many are gone at once: ask the editor
    back: tuple[str, ...] = ()  # forget that it was missed


def gaps(live: Mapping[str, int], seen: Collection[str], absence: Absence) -> Gaps:
    """Compare ``live`` (id -> polls in a row that missed it, or ``INSISTED``) with the ids that this poll has ``seen``.

    ``absence`` is what this answer allows to conclude; a snapshot that lacks half of what is live (three at least)
    ends nothing without the editor.
    """
    back = tuple(one for one, missed in live.items() if one in seen and missed)
    missing = [one for one in live if one not in seen]
    if absence is Absence.NOTHING:
        return Gaps(back=back)
    if absence is Absence.BELIEVED:
        return Gaps(ended=tuple(missing), back=back)
    again = tuple(one for one in missing if live[one] >= AGREEING_POLLS - 1)
    first = tuple(one for one in missing if INSISTED < live[one] < AGREEING_POLLS - 1)
    if len(missing) < VANISH_LEAST or len(missing) < VANISH_SHARE * len(live):
        return Gaps(ended=again, missed=first, back=back)
    return Gaps(missed=first, asked=again, back=back)
