"""Bundles: what each recipient of one is told, every notice in its newest form; what was withdrawn drops out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.message import Change, Entry, Reason
from hub.core.notice import notice_id
from hub.store import bundles, interests, notices


@dataclass
class Bundled:
    """Reads a bundle once for all its recipients."""

    batch: RowMapping
    _of: dict[int, Sequence[str]] = field(default_factory=dict)  # endpoint -> notices
    _newest: dict[str, int | None] = field(default_factory=dict)
    _reasons: dict[str, dict[int, Reason]] = field(default_factory=dict)

    def look(self, session: Session, people: Mapping[int, int]) -> None:
        """Find out for a page of recipients (endpoint -> subscriber) what they are told and why."""
        if self.batch["change"] != Change.BUNDLE:
            return
        self._of = bundles.of(session, self.batch["id"])
        for one in {notice for endpoint in people for notice in self._of.get(endpoint, ())}:
            self._reasons[one] = interests.reasons(session, one, sorted(set(people.values())))
            if one not in self._newest:
                row = notices.get(session, self.batch["municipality_id"], one)
                self._newest[one] = row["revision"] if row is not None and not row["withdrawn"] else None

    def told(self, endpoint: int, subscriber: int) -> list[tuple[str, int, Reason | None]]:
        """Return notice, newest revision and reason of everything that one recipient is told."""
        found = [(one, self._newest[one]) for one in self._of.get(endpoint, ())]
        return [(one, number, self._reasons[one].get(subscriber)) for one, number in found if number is not None]


def spoken(batch: RowMapping, entries: tuple[Entry, ...], thread: str, key: str) -> tuple[Change, str]:
    """Return change and thread of a message; a bundle replaces no other, nobody would hear of what that one said.

    A bundle of one notice speaks as that notice, whose later messages then replace it.
    """
    change = Change(batch["change"])
    if change is Change.BUNDLE and len(entries) == 1:
        return Change.NEW, notice_id(key, f"{entries[0].notice.id}\0")
    return change, notice_id(key, f"bundle-{batch['id']}") if change is Change.BUNDLE else thread
