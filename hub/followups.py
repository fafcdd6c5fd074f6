"""Prepared words for what follows a notice: correction, extension, all-clear, false alarm (``followups.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from hub.core.draft import DANGEROUS, Draft
from hub.core.notice import NoticeText

FILE = Path(__file__).with_suffix(".toml")
_HOLE = re.compile(r"\{(title|body)\}")
_SECOND = "en"  # for a language without words of its own


class FollowUp(StrEnum):
    """What follows: the first two go on telling, the others end it."""

    CORRECTION = "correction"
    EXTENSION = "extension"
    ALL_CLEAR = "all-clear"
    FALSE_ALARM = "false-alarm"

    @property
    def ends(self) -> bool:
        """Whether the notice is called off by it."""
        return self in {FollowUp.ALL_CLEAR, FollowUp.FALSE_ALARM}


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def texts(draft: Draft, sort: FollowUp) -> tuple[NoticeText, ...]:
    """Return the prepared words in each language of a published draft, to be changed before they are sent."""
    return tuple(_text(draft, one, sort) for one in draft.texts)


def _text(draft: Draft, one: NoticeText, sort: FollowUp) -> NoticeText:
    words = _words()
    found = words.get(one.lang, words[_SECOND])[sort.value]
    said = dict(found)
    for key in (draft.topic, "severe" if draft.severity >= DANGEROUS else ""):
        said |= found.get(key, {})
    # What is corrected twice is not headed twice.
    plain = _bare(one.title, [block["title"] for block in _titles(words.get(one.lang, words[_SECOND]))])
    values = {"title": plain, "body": one.body}
    made = {name: _filled(str(said[name]), values).strip() for name in ("title", "body")}
    return replace(one, **made) if not sort.ends else replace(one, **made, instruction="")


def _titles(blocks: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        one for sort in blocks.values() for one in (sort, *sort.values()) if isinstance(one, Mapping) and "title" in one
    ]


def _bare(title: str, patterns: list[str]) -> str:
    starts = sorted((pattern.removesuffix("{title}") for pattern in patterns), key=len, reverse=True)
    return next((title[len(one) :] for one in starts if title.startswith(one)), title)


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    """Put the values in; what an editor wrote is no pattern, whatever signs it has."""
    return _HOLE.sub(lambda found: values[found[1]], pattern)
