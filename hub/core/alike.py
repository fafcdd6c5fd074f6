"""Has this been told already? Notices of the same topic, time and place in like words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hub.core.place import related
from hub.core.sought import folded

LEAST = 0.4  # of the words are the same
_SHORTEST = 3  # letters of a word that says something
_EMPTY = frozenset({
    "aber", "alle", "als", "auch", "auf", "aus", "bei", "bis", "bitte", "das", "dass", "dem", "den", "der", "des",
    "die", "ein", "eine", "einem", "einen", "einer", "eines", "fuer", "hat", "heute", "ihr", "ihre", "ihren", "ist",
    "kann", "mit", "nach", "nicht", "noch", "nur", "oder", "sein", "sich", "sie", "sind", "ueber", "uhr", "und", "uns",
    "unser", "von", "vor", "wegen", "wenn", "werden", "wie", "wir", "wird", "zum", "zur",
    "and", "are", "for", "from", "has", "not", "our", "please", "that", "the", "this", "will", "with", "you", "your",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What is compared of a notice or a draft. ``places`` are paths; none means all of the municipality.

    ``ref`` is the caller's own.
    """

    topic: str
    title: str
    text: str
    begin: datetime
    end: datetime | None = None
    places: frozenset[str] = frozenset()
    ref: str = ""


def alike(mine: Told, others: Iterable[Told]) -> list[Told]:
    """Return those of ``others`` that say what ``mine`` says, the most alike first."""
    ranked = [(likeness(mine, one), one) for one in others if _meet(mine, one)]
    return [one for rank, one in sorted(ranked, key=lambda pair: -pair[0]) if rank >= LEAST]


def likeness(one: Told, other: Told) -> float:
    """Return the share of words that two have in common (0 to 1): of their titles, or of all they say."""
    titles, all_words = _share(words(one.title), words(other.title)), _share(_all(one), _all(other))
    return max(titles, all_words)


def words(text: str) -> frozenset[str]:
    """Return the words of a text that say something, folded."""
    return frozenset(
        word for word in folded(text).split() if len(word) >= _SHORTEST and word not in _EMPTY and not word.isdigit()
    )


def _all(one: Told) -> frozenset[str]:
    return words(f"{one.title} {one.text}")


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _meet(one: Told, other: Told) -> bool:
    """Whether two are of a topic and overlap in time and place."""
    if one.topic != other.topic:
        return False
    if (one.end and one.end <= other.begin) or (other.end and other.end <= one.begin):
        return False
    if not one.places or not other.places:
        return True
    return any(related(mine, theirs) for mine in one.places for theirs in other.places)
