"""What WZDx, Open511 and CIFS have in common: codes for what and why, a road, a direction, a text in some language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from feeds._json_body import one_line
from feeds.roads.geometry import read_located
from feeds.roads.moments import read_moment
from feeds.roads.streets import MOST_STREETS
from feeds.roads.words import LANGUAGES, composed, frame, sentence, word
from hub.core.notice import Geometry, Moment, NoticeText

Code = tuple[str, str]  # table in words.toml, code


@dataclass(frozen=True, slots=True)
class Coded:
    """``reasons`` and ``restrictions`` as codes, ``directions``, the ``detour`` in words, further lines by language."""

    reasons: tuple[Code, ...] = ()
    restrictions: tuple[Code, ...] = ()
    directions: tuple[str, ...] = ()
    detour: str = ""
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def what(self, lang: str) -> str:
        """Return why and what in one line."""
        return sentence((*self._words(self.reasons, lang), *self._words(self.restrictions, lang)[:2]))

    def reason(self, lang: str) -> str:
        """Return why."""
        return sentence(self._words(self.reasons, lang))

    def restriction(self, lang: str) -> str:
        """Return what is closed or limited."""
        return sentence(self._words(self.restrictions, lang))

    def direction(self, lang: str) -> str:
        """Return the direction in words."""
        return sentence(word("direction", one, lang) for one in self.directions)

    @staticmethod
    def _words(codes: tuple[Code, ...], lang: str) -> list[str]:
        return list(dict.fromkeys(filter(None, (word(table, code, lang) for table, code in codes))))


def coded_texts(
    said: Coded, place: str, section: Mapping[str, str], *, blocked: bool, own: str, language: str
) -> list[NoticeText]:  # fmt: skip
    """Return the German and the English text; the source's ``own`` text stands under both, whatever its language."""
    texts = []
    for lang in LANGUAGES:
        lines = [
            said.reason(lang), said.restriction(lang), *said.more.get(lang, ()), said.direction(lang), own,
            f"{frame('detour', lang)}: {said.detour}" if said.detour else "",
        ]  # fmt: skip
        texts.append(composed(lang, place, said.what(lang), lines, section=section.get(lang, ""), blocked=blocked))
    if language.partition("-")[0].lower() not in LANGUAGES:
        texts.append(NoticeText(language, texts[1].title, texts[1].body))
    return texts


def names_in(value: Any) -> tuple[str, ...]:
    """Return the names of roads in a list or text."""
    found = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(filter(None, (one_line(one, 120) for one in found))))[:MOST_STREETS]


def moment_at(value: Any, zone: tzinfo) -> Moment | None:
    """Return the time that ``value`` says, ``None`` if it says none."""
    return read_moment(one_line(value, 64), zone)


def shape_of(value: Any) -> tuple[Geometry | None, tuple[str, ...]]:
    """Return a GeoJSON geometry and its repairs; nothing if it cannot be read."""
    try:
        return read_located(value)
    except ValueError:
        return None, ("unreadable-geometry",)
