"""Closing: a digest reminds of the tenders that close within the week, also of those that it told before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.difference import iso
from hub.core.message import Change, Entry, Reason
from hub.core.notice import Notice
from hub.links import Links
from hub.store import closing, interests

WEEK = timedelta(days=7)


@dataclass
class Closing:
    """What closes soon for the recipients of one digest by mail; other channels have no room for it."""

    batch: RowMapping
    links: Links
    now: datetime
    _of: dict[int, list[RowMapping]] = field(default_factory=dict)

    def look(self, session: Session, people: Sequence[int]) -> None:
        """Find out for a page of subscribers what closes within the week."""
        if self.batch["channel"] == "mail":
            self._of = closing.within(session, sorted(set(people)), "mail", self.now, self.now + WEEK)

    def told(self, subscriber: int, besides: Collection[str]) -> list[tuple[str, Entry, Reason | None]]:
        """Return what closes soon for one subscriber, the first date first, without what the digest tells anyway.

        Each with its municipality.
        """
        rows = [row for row in self._of.get(subscriber, ()) if row["id"] not in besides]
        found = [(self._entry(row), row) for row in rows]
        return [
            (row["municipality_id"], entry, interests.reason_from_json(row["reason"]))
            for entry, row in found
            if entry is not None
        ]

    def _entry(self, row: RowMapping) -> Entry | None:
        """Return a reminder of the next deadline, in short: the whole was told when it was new."""
        notice = from_json(row["content"])
        ahead = [one for one in notice.occurrences if isinstance(one.start, datetime) and one.start > self.now]
        if not ahead:
            return None
        first = min(ahead, key=lambda one: iso(one.start))
        url = self.links.at(row["host"]).notice(row["municipality_id"], row["id"])
        return Entry(_short(notice), row["revision"], Change.REMINDER, url=url, occurrence=first)


def _short(notice: Notice) -> Notice:
    return replace(notice, texts=tuple(replace(text, body="", html="", instruction="") for text in notice.texts))
