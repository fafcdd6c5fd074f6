"""Templates that come with the program: one file each, in the office's languages, gaps in [brackets].

A draft in which a gap is left cannot be submitted (``hub.core.missing``). A municipality keeps its own beside them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from hub.core.draft import Area, Certainty, Draft, Urgency
from hub.core.missing import full
from hub.core.notice import NoticeText, Severity
from hub.core.tongues import primary

_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Blank:
    """One template. ``names`` and ``texts`` by language; ``hours`` until it ends by itself; ``everywhere`` in town."""

    key: str
    order: int
    topic: str
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    hours: int
    everywhere: bool
    names: Mapping[str, str]
    texts: Mapping[str, NoticeText]

    def name(self, language: str) -> str:
        """Return what it is called in a language of the office."""
        return self.names.get(primary(language), self.names["de"])

    def text(self, lang: str) -> NoticeText | None:
        """Return its words in ``lang``, if it has any."""
        return self.texts.get(lang)

    def draft(self, town: str, lang: str, now: datetime) -> Draft:
        """Return a draft in a municipality whose language is ``lang``; in German where there are no words in it."""
        text = self.texts.get(lang) or self.texts.get(primary(lang)) or self.texts["de"]
        return Draft(
            topic=self.topic, texts=(text,), severity=self.severity, urgency=self.urgency, certainty=self.certainty,
            areas=(Area(town),) if self.everywhere else (), expires=full(now + timedelta(hours=self.hours)),
        )  # fmt: skip


@cache
def blanks() -> Mapping[str, Blank]:
    """Return all of them by key, the one that is needed in the greatest hurry first."""
    found = [_read(path) for path in _FOLDER.glob("*.toml")]
    return {one.key: one for one in sorted(found, key=lambda one: (one.order, one.key))}


def _read(path: Path) -> Blank:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    spoken = {lang: part for lang, part in data.items() if isinstance(part, dict)}
    return Blank(
        path.stem, data["order"], data["topic"], Severity[data["severity"].upper()], Urgency(data["urgency"]),
        Certainty(data["certainty"]), data["hours"], data.get("everywhere", False),
        {lang: part["name"] for lang, part in spoken.items()},
        {
            lang: NoticeText(lang, part["title"], part["body"].strip(), instruction=part.get("instruction", "").strip())
            for lang, part in spoken.items()
        },
    )  # fmt: skip
