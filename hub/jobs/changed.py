"""What is different for one recipient: from the revision they were told last to the one they are told now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import content_hash, from_json
from hub.core.difference import difference
from hub.core.message import Change, Entry, FieldChange
from hub.core.notice import Notice, Severity
from hub.store import notices, told

_DIGEST_EVERY = timedelta(days=1)


@dataclass
class Differences:
    """Compares revisions for the recipients of one batch; every pair of revisions is compared once."""

    batch: RowMapping
    _told: dict[int, int] = field(default_factory=dict)
    _notices: dict[tuple[str, int], RowMapping | None] = field(default_factory=dict)
    _found: dict[tuple[str, int, int, str], tuple[FieldChange, ...]] = field(default_factory=dict)

    def look(self, session: Session, endpoints: Sequence[int]) -> None:
        """Find out once for all of ``endpoints`` what they were told last."""
        if self.batch["change"] == Change.REVISED:
            self._told = told.last_told(session, self.batch["notice_id"], self.batch["revision"], endpoints)

    def shown(self, session: Session, entry: Entry, endpoint: int, language: str) -> Entry | None:
        """Return ``entry`` with its changes, or ``None`` if this recipient knows it just as it is.

        Who was told nothing yet, or nobody knows what, is shown the difference from the revision before.
        """
        if entry.change is not Change.REVISED:
            return entry
        last = self._last(session, entry, endpoint)
        if last is None:
            return entry
        before = self._stored(session, entry.notice.id, last)
        if before is None:
            return entry
        everyday = entry.notice.severity is Severity.UNKNOWN and not entry.before  # a warning is rather said twice
        if everyday and endpoint in self._told and _same(before, entry.notice):
            return None  # there and back again, and they heard of neither
        key = (entry.notice.id, last, entry.revision, language)
        if key not in self._found:
            self._found[key] = self._compare(session, before, entry, language)
        return replace(entry, changes=self._found[key])

    def _last(self, session: Session, entry: Entry, endpoint: int) -> int | None:
        """Return the revision to compare with; ``None`` for somebody whom a digest tells of it for the first time."""
        if self.batch["change"] == Change.DIGEST:
            # What waited when the last digest went out was in it.
            last = told.revision_at(session, entry.notice.id, self.batch["due_at"] - _DIGEST_EVERY)
            return min(last, entry.revision - 1) or None
        return self._told.get(endpoint, entry.revision - 1)

    def _compare(self, session: Session, before: RowMapping, entry: Entry, language: str) -> tuple[FieldChange, ...]:
        now = self._stored(session, entry.notice.id, entry.revision)
        moved = notices.moved_from_json(now["moved"]) if now is not None else ()
        if before["revision"] < entry.revision - 1 and not entry.notice.series:
            moved = ()  # those of the last step only
        return difference(
            from_json(before["content"]), entry.notice, language=language, at=now["at"] if now else None, moved=moved
        )

    def _stored(self, session: Session, notice_id: str, revision: int) -> RowMapping | None:
        key = (notice_id, revision)
        if key not in self._notices:
            self._notices[key] = notices.revision(session, notice_id, revision)
        return self._notices[key]


def _same(before: RowMapping, notice: Notice) -> bool:
    return content_hash(from_json(before["content"])) == content_hash(notice)
