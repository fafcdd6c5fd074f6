"""Does a notice fit an interest, and why? One pure predicate; the store only narrows the candidates."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache

from hub.core import desk
from hub.core.message import Reason
from hub.core.notice import Geometry, Notice, Position
from hub.core.place import nearest_km, related
from hub.core.procedures import procedure
from hub.core.subscription import Criteria

_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def fold(text: str) -> str:
    """Fold case and umlauts, so that ``Straße``, ``STRASSE`` and ``strasse`` are one word."""
    return text.casefold().translate(_FOLD)


@lru_cache(maxsize=8)
def reading_text(notice: Notice) -> str:
    """Return all that a reader sees of ``notice``, folded, for the search of words."""
    parts = [
        notice.publisher,
        *(part for text in notice.texts for part in (text.title, text.body, text.instruction)),
    ]
    return fold(" ".join(parts))


def _has(word: str, text: str) -> bool:
    """Whether ``word`` (or several words in a row) begins at a word boundary of folded ``text``."""
    folded = _folded(word)
    # Most words do not stand there at all; only where one does, it matters whether a word begins.
    return folded in text and _beginning(folded).search(text) is not None


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    return fold(word)


@lru_cache(maxsize=5_000)
def _beginning(folded: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(folded)}")


def matches(
    notice: Notice,
    places: Collection[str],
    criteria: Criteria,
    *,
    elsewhere: Position | None = None,
) -> Reason | None:
    """Return why ``notice`` fits ``criteria``, or ``None``.

    ``places`` are the resolved place paths of the notice; ``elsewhere`` is where it is if it has no geometry.
    """
    if notice.kind == desk.KIND:
        return _of_a_source(notice, places, criteria)
    cpv = tuple(code for code in notice.cpv if any(code.startswith(prefix) for prefix in criteria.cpv))
    if not _plain_fields_fit(notice, criteria) or (criteria.cpv and not cpv):
        return None
    place, km = _where(notice, places, criteria, elsewhere)
    if place is None:
        return None
    text = reading_text(notice) if criteria.words or criteria.without else ""
    if any(_has(word, text) for word in criteria.without):
        return None
    words = tuple(word for word in criteria.words if _has(word, text))
    if criteria.words and not words:
        return None
    return Reason(topic=notice.topic, place=place, words=words, cpv=cpv, km=km)


def _of_a_source(notice: Notice, places: Collection[str], criteria: Criteria) -> Reason | None:
    """Whoever waits for anything of a source is concerned when it falls silent: words, levels, radius do not narrow."""
    if not _topic_fits(notice, criteria):
        return None
    if not criteria.places or (criteria.centre is not None and criteria.radius_km is not None):
        return Reason(topic=notice.topic)
    place = next((one for one in criteria.places if any(related(one, path) for path in places)), None)
    return Reason(topic=notice.topic, place=place) if place is not None else None


def _topic_fits(notice: Notice, criteria: Criteria) -> bool:
    """Whether the topic was named, or any is welcome and this one is not hidden."""
    return notice.topic in criteria.topics or not (criteria.topics or notice.topic in desk.HIDDEN)


def _plain_fields_fit(notice: Notice, criteria: Criteria) -> bool:
    """Whether topic, severity, category and what only tenders have hold."""
    return (
        _topic_fits(notice, criteria)
        and notice.severity >= criteria.severity
        and (not criteria.categories or notice.category in criteria.categories)
        and _contract_fits(notice, criteria)
    )


def _contract_fits(notice: Notice, criteria: Criteria) -> bool:
    """Whether value, procedure and time to bid hold; what is not known excludes nothing."""
    if notice.value is not None:
        if criteria.least_value is not None and notice.value.amount < criteria.least_value:
            return False
        if criteria.most_value is not None and notice.value.amount > criteria.most_value:
            return False
    if criteria.procedures and (kind := procedure(notice)) and kind not in criteria.procedures:
        return False
    if criteria.days and notice.deadline is not None and notice.sent is not None:
        return notice.deadline - notice.sent >= timedelta(days=criteria.days)
    return True


def _where(
    notice: Notice,
    places: Collection[str],
    criteria: Criteria,
    elsewhere: Position | None,
) -> tuple[str | None, float | None]:
    """Return the wanted place that fits (empty if none was asked for; ``None`` if none fits) and the distance."""
    if criteria.centre is not None and criteria.radius_km is not None:
        km = nearest_km(criteria.centre, notice.geometry) if notice.geometry else None
        if km is None and elsewhere is not None:
            km = nearest_km(criteria.centre, Geometry(points=(elsewhere,)))
        if km is not None:
            return ("", round(km, 1)) if km <= criteria.radius_km else (None, None)
    if not criteria.places:
        return ("", None) if criteria.centre is None else (None, None)
    for wanted in criteria.places:
        if any(related(wanted, place) for place in places):
            return wanted, None
    return None, None
