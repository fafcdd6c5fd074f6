"""Compose: what one recipient of a batch is told, re-read at the moment of sending."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import desk
from hub.core.codec import from_json
from hub.core.message import Change, Entry, Message, Reason, Recipient
from hub.core.notice import Notice, Occurrence, Severity, Status, notice_id
from hub.jobs.changed import Differences
from hub.jobs.house import House
from hub.store import batches, interests, notices, subscribers, towns


@dataclass
class Composer:
    """Makes the messages of one batch; what all its recipients share is read once."""

    house: House
    batch: RowMapping
    town: RowMapping
    _entries: dict[tuple[str, int], Entry | None] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _differences: Differences = field(init=False)

    def __post_init__(self) -> None:
        """Begin to compare revisions for this batch."""
        self._differences = Differences(self.batch)

    def compose(
        self, session: Session, ids: Sequence[int], now: datetime
    ) -> dict[int, tuple[Recipient, Message] | None]:
        """Return recipient and message per endpoint; ``None`` for whom there is nothing (left) to say."""
        rows = subscribers.endpoints(session, ids)
        self._differences.look(session, ids)
        reasons = interests.reasons(session, self.batch["notice_id"], [row["subscriber_id"] for row in rows])
        found: dict[int, tuple[Recipient, Message] | None] = dict.fromkeys(ids)
        for row in rows:
            if row["state"] != ("pending" if self.batch["change"] == Change.CONFIRM else "active"):
                continue
            entries = self._entries_for(session, row, reasons)
            if entries is not None:
                found[row["id"]] = (self._recipient(row), self._message(entries, row, now))
        return found

    def is_void(self, session: Session) -> bool:
        """Whether the batch is about one notice of which nothing is (left) to be said: overtaken, expired."""
        change = Change(self.batch["change"])
        if change in (Change.CONFIRM, Change.TEST, Change.DIGEST):
            return False
        return self._entry(session, self.batch["notice_id"], self.batch["revision"], change) is None

    def _entries_for(
        self, session: Session, row: RowMapping, reasons: Mapping[int, Reason]
    ) -> tuple[Entry, ...] | None:  # fmt: skip
        """Return what to tell, empty for a message without a notice, ``None`` if it is overtaken."""
        change = Change(self.batch["change"])
        if change in (Change.CONFIRM, Change.TEST):
            return ()
        if change is Change.DIGEST:
            return self._digest(session, row) or None
        entry = self._entry(session, self.batch["notice_id"], self.batch["revision"], change)
        entry = self._differences.shown(session, entry, row["id"], row["language"]) if entry is not None else None
        if entry is None:
            return None
        reason = reasons.get(row["subscriber_id"])
        return (replace(entry, reason=self._named(session, reason), url=self._url(entry, row)),)

    def _digest(self, session: Session, row: RowMapping) -> tuple[Entry, ...]:
        waiting = batches.digest_entries(session, self.batch["id"], row["id"])
        found = []
        for one in waiting:
            stored = notices.revision(session, one["notice_id"], one["revision"])
            change = Change(stored["change"]) if stored else Change.NEW
            entry = self._entry(session, one["notice_id"], one["revision"], change)
            if entry is not None:
                reasons = interests.reasons(session, one["notice_id"], [row["subscriber_id"]])
                reason = self._named(session, reasons.get(row["subscriber_id"]))
                entry = self._differences.shown(session, entry, row["id"], row["language"]) or entry
                found.append(replace(entry, reason=reason))
        return tuple(found)

    def _entry(self, session: Session, notice: str, revision: int, change: Change) -> Entry | None:
        key = (notice, revision)
        if key not in self._entries:
            self._entries[key] = self._read(session, notice, revision, change)
        return self._entries[key]

    def _read(self, session: Session, notice: str, revision: int, change: Change) -> Entry | None:
        current = notices.get(session, self.town["id"], notice)
        stored = notices.revision(session, notice, revision)
        if current is None or stored is None:
            return None
        overtakes = change in (Change.NEW, Change.REVISED, Change.WITHDRAWN)
        if overtakes and self.batch["change"] != Change.DIGEST and notices.overtaken(session, notice, revision):
            return None  # the newer revision has its own batches
        newest = from_json(current["content"])
        content = newest if change is Change.REMINDER else from_json(stored["content"])
        if _over(content, change, self.house.now()) or _over(newest, change, self.house.now()):
            return None  # what a newer revision ended without a word of its own is over, too
        url = self.house.links.notice(self.town["id"], notice)
        entry = Entry(content, revision, change, url=url)
        return self._dated(session, entry, stored) if self.batch["slot"] else _moved(entry, stored)

    def _dated(self, session: Session, entry: Entry, stored: RowMapping) -> Entry | None:
        """Add the date that a reminder or correction is about; a date called off needs no reminder."""
        slot = self.batch["slot"]
        dates = {one.slot: one.occurrence for one, _ in notices.dates(session, entry.notice.id)}
        occurrence = dates.get(slot)
        if occurrence is None or (entry.change is Change.REMINDER and occurrence.status is Status.CANCELLED):
            return None
        return replace(entry, occurrence=occurrence, before=_before(stored, slot))

    def _url(self, entry: Entry, row: RowMapping) -> str:
        """Return the notice's page; an editor's notice has none but the desk, behind their own link."""
        if entry.notice.topic not in desk.HIDDEN:
            return entry.url
        return self.house.links.desk(row["subscriber_id"], row["generation"], desk.source_of(entry.notice))

    def _named(self, session: Session, reason: Reason | None) -> Reason | None:
        """Put the place's name where the match has its path."""
        if reason is None:
            return None
        path = reason.place or self.town["path"]
        if path not in self._names:
            self._names[path] = towns.place_name(session, path)
        return replace(reason, place=self._names[path])

    def _recipient(self, row: RowMapping) -> Recipient:
        links = self.house.links
        asked = row["asked_at"] or row["created_at"]
        return Recipient(
            endpoint=str(row["id"]), address=row["address"], language=row["language"], keys=row["keys"],
            manage_url=links.manage(row["subscriber_id"], row["generation"]),
            unsubscribe_url=links.unsubscribe(row["id"], row["generation"]),
            confirm_url=links.confirm(row["id"], asked) if self.batch["change"] == Change.CONFIRM else "",
        )  # fmt: skip

    def _message(self, entries: tuple[Entry, ...], row: RowMapping, now: datetime) -> Message:
        batch = self.batch
        severity = max((one.notice.severity for one in entries), default=Severity.UNKNOWN)
        return Message(
            change=Change(batch["change"]), entries=entries,
            thread=_thread(batch, self.house.links.key), serial=_serial(batch, row["id"]),
            now=now, valid_until=batch["valid_until"], severity=severity,
        )  # fmt: skip


def _over(notice: Notice, change: Change, now: datetime) -> bool:
    """Whether a notice is of no more use, whatever the batch says; its end is told all the same."""
    told = change in (Change.WITHDRAWN, Change.CORRECTION, Change.REMINDER)
    return not told and notice.expires is not None and notice.expires <= now


def _before(stored: RowMapping, slot: str) -> Occurrence | None:
    return next((one.before for one in notices.moved_from_json(stored["moved"]) if one.slot == slot), None)


def _moved(entry: Entry, stored: RowMapping) -> Entry:
    """Show the first moved date of a revised timetable."""
    moved = notices.moved_from_json(stored["moved"])
    return replace(entry, occurrence=moved[0].after, before=moved[0].before) if moved else entry


def _thread(batch: RowMapping, key: str) -> str:
    """Return what collapses repeats: the notice, or one date of it; digests of a day replace each other.

    Keyed, because a push service reads it (W-08).
    """
    about = batch["notice_id"] or f"{batch['change']}-{batch['municipality_id']}"
    return notice_id(key, f"{about}\0{batch['slot']}")


def _serial(batch: RowMapping, endpoint_id: int) -> str:
    """Return what names this very message: the same after a crash, another for the next revision."""
    about: list[Any] = [
        batch["notice_id"],
        batch["revision"],
        batch["change"],
        batch["slot"],
        batch["lead"],
        endpoint_id,
    ]
    if batch["notice_id"] is None:
        about.append(batch["id"])
    return hashlib.sha256("\0".join(map(str, about)).encode()).hexdigest()[:32]
