"""Changes of a draft in words: texts word by word, everything else as it was and as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import g

from hub.core import drawing
from hub.core.comparing import Change, Piece
from hub.core.draft import Area, Attachment, Certainty, Urgency
from hub.core.notice import Geometry, Occurrence, Severity
from hub.core.tongues import TONGUES
from hub.web.desk import language
from hub.web.topics import TOPICS
from hub.web.writing import words


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Compared:
    """One change as a page shows it: ``pieces`` of a text, else ``before`` and ``after``."""

    label: str
    lang: str
    pieces: tuple[Piece, ...]
    before: str
    after: str


def compared(changes: Iterable[Change]) -> list[Compared]:
    """Return changes in words of the page's language."""
    return [
        Compared(_label(one), one.lang, one.pieces, _value(one.field, one.before), _value(one.field, one.after))
        for one in changes
    ]


def _label(one: Change) -> str:
    said = language().text(words.CHANGES.get(one.field, one.field))
    return f"{said} ({TONGUES[one.lang].name})" if one.lang in TONGUES else said


def _value(field: str, value: Any) -> str:
    chosen, zone = language(), str(g.town["zone"])
    kinds: tuple[tuple[Any, Callable[[Any], str]], ...] = (
        (datetime | date, lambda one: chosen.moment(one, zone)),
        (Severity, lambda one: chosen.text(words.SEVERITIES[one][0])),
        (Urgency, lambda one: chosen.text(words.URGENCIES[one])),
        (Certainty, lambda one: chosen.text(words.CERTAINTIES[one])),
        (Geometry, lambda one: drawing.write(one, chosen.code)),
        (tuple, lambda several: ", ".join(filter(None, (_part(one, zone) for one in several)))),
    )
    for kind, said in kinds:
        if isinstance(value, kind):
            return said(value)
    return chosen.text(TOPICS[value].title) if field == "topic" and value in TOPICS else str(value or "")


def _part(one: object, zone: str) -> str:
    chosen = language()
    if isinstance(one, Area):
        names = ", ".join(ref.name or ref.value for ref in one.places)
        return names or chosen.text(
            _("everywhere in {town}"), town=g.town["name"] if one.town == g.town["id"] else one.town
        )
    if isinstance(one, Occurrence):
        return chosen.moment(one.start, zone)
    return one.title if isinstance(one, Attachment) else str(one)
