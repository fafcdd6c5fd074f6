"""Naming: what places are called for a reader, and which municipality a notice is of, where it is not their own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.message import Entry, Reason
from hub.store import towns


@dataclass
class Naming:
    """Reads names once for all recipients of a batch; ``own`` is the municipality in whose name it goes out."""

    own: RowMapping
    _towns: dict[str, RowMapping | None] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)

    def town(self, session: Session, slug: str) -> Any:
        """Return the municipality ``slug``; the batch's own if there is none."""
        if slug == self.own["id"]:
            return self.own
        if slug not in self._towns:
            self._towns[slug] = towns.get(session, slug)
        return self._towns[slug] or self.own

    def reason(self, session: Session, reason: Reason | None, slug: str) -> Reason | None:
        """Put the place's name where the match has its path; the municipality's where it names none."""
        if reason is None:
            return None
        path = reason.place or self.town(session, slug)["path"]
        if path not in self._places:
            self._places[path] = towns.place_name(session, path)
        return replace(reason, place=self._places[path])

    def abroad(self, session: Session, slug: str, home: str) -> str:
        """Return the name of municipality ``slug`` for a reader at ``home``: empty where it is their own."""
        return "" if slug == home else str(self.town(session, slug)["name"])

    def told(self, session: Session, entry: Entry, reason: Reason | None, whose: tuple[str, str]) -> Entry:
        """Return ``entry`` as told to somebody: why, and of which municipality; ``whose``: the notice's, and theirs."""
        return replace(entry, reason=self.reason(session, reason, whose[0]), town=self.abroad(session, *whose))
