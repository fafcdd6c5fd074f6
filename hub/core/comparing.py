"""What changed between two versions of a draft: word by word in texts, as a whole in everything else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from hub.core.draft import Draft
from hub.core.notice import NoticeText

_TEXT = ("title", "body", "instruction")
_SPLIT = re.compile(r"\s+|[^\s\w]|\w+")


class Turn(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    GONE = "gone"
    COME = "come"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that belong together."""

    turn: Turn
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed: a text in ``lang`` by its ``pieces``, anything else as it was and as it is."""

    field: str
    lang: str = ""
    pieces: tuple[Piece, ...] = ()
    before: Any = None
    after: Any = None


def compare(before: Draft, after: Draft) -> tuple[Change, ...]:
    """Return what changed, in the order of the form."""
    return tuple(_texts(before, after)) + tuple(
        Change(one.name, before=getattr(before, one.name), after=getattr(after, one.name))
        for one in fields(Draft)
        if one.name != "texts" and getattr(before, one.name) != getattr(after, one.name)
    )


def _texts(before: Draft, after: Draft) -> Iterator[Change]:
    old, new = ({one.lang: one for one in draft.texts} for draft in (before, after))
    for lang in dict.fromkeys((*new, *old)):
        first, second = old.get(lang, NoticeText(lang, "")), new.get(lang, NoticeText(lang, ""))
        for name in _TEXT:
            was, now = getattr(first, name), getattr(second, name)
            if was != now:
                yield Change(name, lang, pieces(was, now))


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Return ``after`` with what is gone and what has come, word by word; all kept and come pieces make ``after``."""
    old, new = _SPLIT.findall(before), _SPLIT.findall(after)
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece(Turn.KEPT, "".join(new[c:d])))
            continue
        found += [Piece(Turn.GONE, "".join(old[a:b]))] * (b > a) + [Piece(Turn.COME, "".join(new[c:d]))] * (d > c)
    return tuple(found)
