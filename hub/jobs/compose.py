"""Compose: what one recipient of a batch is told, re-read at the moment of sending."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import desk
from hub.core.codec import from_json
from hub.core.message import (
    OWN_PAGE,
    WITHOUT_NOTICE,
    Change,
    Entry,
    Message,
    Payload,
    Reason,
    Recipient,
    Template,
)
from hub.core.monthly import Month
from hub.core.mutes import Matter, Mute, silent
from hub.core.notice import Notice, Occurrence, Severity, Status
from hub.jobs import fanout, months, probe
from hub.jobs.bundled import Bundled, spoken
from hub.jobs.changed import Differences
from hub.jobs.closing import Closing
from hub.jobs.house import House, Outgoing
from hub.jobs.naming import Naming
from hub.jobs.prepared import prepared
from hub.jobs.serials import serial, serials, thread
from hub.store import batches, interests, mutes, notices, publications, subscribers


@dataclass(frozen=True, slots=True)
class Told:
    """What one recipient is told: ``message`` and ``template`` are shared by all who are told the same.

    ``serial`` is the recipient's own: the whole message is ``replace(message, serial=serial)``. ``troubled_since``:
    since when everything to this endpoint has failed.
    """

    recipient: Recipient
    message: Message
    template: Template
    serial: str
    troubled_since: datetime | None = None

    def payload(self) -> Payload:
        """Return the message as it goes out; raises whatever the channel cannot write."""
        return self.template.fill(self.recipient, self.serial)


@dataclass
class Composer:
    """Makes the messages of one batch as things stand now; what its recipients share is read and written once."""

    house: House
    batch: RowMapping
    town: RowMapping
    _entries: dict[tuple[str, int], Entry | None] = field(default_factory=dict)
    _templates: dict[Hashable, tuple[Message, Template]] = field(default_factory=dict)
    _written: dict[tuple[str, int, Month | None], tuple[tuple[Entry, ...], tuple[Message, Template]]] = field(
        default_factory=dict
    )
    _reasons: dict[str, dict[int, Reason]] = field(default_factory=dict)
    _waiting: dict[int, list[RowMapping]] = field(default_factory=dict)
    _months: dict[int, Month] = field(default_factory=dict)
    _mutes: dict[int, list[Mute]] = field(default_factory=dict)
    _matters: dict[str, Matter] = field(default_factory=dict)
    _same: dict[Hashable, tuple[Entry, ...]] = field(default_factory=dict)
    _differences: Differences = field(init=False)
    _serial: Any = field(init=False)
    _bundled: Bundled = field(init=False)
    _channel: Outgoing = field(init=False)
    _closing: Closing = field(init=False)
    _naming: Naming = field(init=False)
    _change: Change = field(init=False)
    _about: tuple[Any, int] = field(init=False)

    def __post_init__(self) -> None:
        """Begin to compare revisions for this batch."""
        self._differences = Differences(self.batch)
        self._serial = serials(self.batch)
        self._bundled = Bundled(self.batch)
        self._channel = self.house.channels(self.batch["channel"])
        self._change = Change(self.batch["change"])
        self._about = (self.batch["notice_id"], self.batch["revision"])
        self._naming = Naming(self.town)
        self._closing = Closing(self.batch, self.house.links, self.house.now())

    def compose(self, session: Session, ids: Sequence[int], now: datetime) -> dict[int, Told | None]:
        """Return what each endpoint of a page is told; ``None`` for whom there is nothing (left) to say.

        One query each for endpoints, reasons and digests, however many ``ids`` there are (at most 500).
        """
        states = probe.states(self._change, self.batch["channel"])
        told = subscribers.told(session, ids, asked=self._change is Change.CONFIRM)
        rows = [row for row in told if row.state in states]
        self._look(session, rows, now)
        found: dict[int, Told | None] = dict.fromkeys(ids)
        for row in rows:
            entries = self._heard(session, row, self._entries_for(session, row), now)
            if entries is not None:
                message, template = self._shared(entries, row.language, now, self._months.get(row.id))
                found[row.id] = Told(
                    self._recipient(row), message, template, serial(self._serial, row.id), row.troubled_since
                )
        return found

    def _look(self, session: Session, rows: Sequence[Any], now: datetime) -> None:
        """Read what the page's people need: what they were told last, why, and what waits for their digest."""
        ids, people = [row.id for row in rows], [row.subscriber_id for row in rows]
        self._mutes = mutes.of(session, people)
        if self._change is Change.DIGEST:
            self._closing.look(session, people)
            self._waiting = batches.digest_pages(session, self.batch["id"], ids)
            about = {one["notice_id"] for waiting in self._waiting.values() for one in waiting}
            self._reasons = {notice: interests.reasons(session, notice, people) for notice in sorted(about)}
        elif self._change is Change.BUNDLE:
            self._bundled.look(session, dict(zip(ids, people, strict=True)))
        elif self._change is Change.MONTHLY:
            self._months = months.of_page(session, self.town, dict(zip(ids, people, strict=True)), self._mutes, now)
        elif self._about[0] is not None:
            self._differences.look(session, ids)
            self._reasons = {self._about[0]: interests.reasons(session, self._about[0], people)}

    def _heard(
        self, session: Session, row: Any, entries: tuple[Entry, ...] | None, now: datetime
    ) -> tuple[Entry, ...] | None:  # fmt: skip
        """Leave out what this person has muted since it was planned; ``None`` if nothing remains."""
        wishes = self._mutes.get(row.subscriber_id)
        if not wishes or not entries:
            return entries
        return tuple(one for one in entries if not silent(wishes, self._matter(session, one.notice), now)) or None

    def _matter(self, session: Session, notice: Notice) -> Matter:
        if notice.id not in self._matters:
            self._matters[notice.id] = fanout.matter(notice, notices.places_of(session, notice.id))
        return self._matters[notice.id]

    def _shared(
        self, entries: tuple[Entry, ...], language: str, now: datetime, month: Month | None
    ) -> tuple[Message, Template]:
        """Return message and template of everybody who is told ``entries`` (and had this ``month``) in ``language``."""
        known = self._written.get((language, id(entries), month))
        if known is not None and known[0] is entries:
            return known[1]
        parts = tuple(
            (one.notice.id, one.revision, one.change, one.reason, one.url, one.changes, one.town) for one in entries
        )
        key = (language, parts, month)
        if key not in self._templates:
            message = replace(self._message(entries, now), month=month)
            self._templates[key] = (message, prepared(self._channel, message, language, self.house.site(self.town)))
        self._written[language, id(entries), month] = entries, self._templates[key]
        return self._templates[key]

    def is_void(self, session: Session) -> bool:
        """Whether the batch is about one notice of which nothing is (left) to be said: overtaken, expired."""
        if self._change in {*WITHOUT_NOTICE, Change.DIGEST, Change.BUNDLE}:
            return False
        return self._entry(session, *self._about, self._change) is None

    def _entries_for(self, session: Session, row: Any) -> tuple[Entry, ...] | None:
        """Return what to tell, empty for a message without a notice, ``None`` if it is overtaken."""
        change = self._change
        if change in WITHOUT_NOTICE:
            return ()
        if change is Change.DIGEST:
            return self._digest(session, row) or None
        if change is Change.BUNDLE:
            return self._bundle(session, row) or None
        entry = self._entry(session, *self._about, change)
        entry = self._differences.shown(session, entry, row.id, row.language) if entry is not None else None
        if entry is None:
            return None
        reason, url = self._reasons[self._about[0]].get(row.subscriber_id), self._url(entry, row)
        key = (reason, url, entry.changes, row.home)
        if key not in self._same:
            entry = self._naming.told(session, entry, reason, (self.town["id"], row.home))
            self._same[key] = (replace(entry, url=url),)
        return self._same[key]

    def _digest(self, session: Session, row: Any) -> tuple[Entry, ...]:
        found = []
        for one in self._waiting.get(row.id, ()):
            key, town = (one["notice_id"], one["revision"]), one["municipality_id"]
            if key not in self._entries:
                stored = notices.revision(session, *key)
                self._entry(session, *key, Change(stored["change"]) if stored else Change.NEW, town=town)
            entry = self._entries[key]
            if entry is not None:
                entry = self._differences.shown(session, entry, row.id, row.language) or entry
                reason = self._reasons[one["notice_id"]].get(row.subscriber_id)
                found.append(self._naming.told(session, entry, reason, (town, row.home)))
        soon = self._closing.told(row.subscriber_id, {one.notice.id for one in found}) if found else []
        told = (self._naming.told(session, entry, reason, (town, row.home)) for town, entry, reason in soon)
        return (*found, *told)

    def _bundle(self, session: Session, row: Any) -> tuple[Entry, ...]:
        found = []
        for notice, revision, reason in self._bundled.told(row.id, row.subscriber_id):
            entry = self._entry(session, notice, revision, Change.NEW)
            if entry is not None:
                found.append(self._naming.told(session, entry, reason, (self.town["id"], row.home)))
        return tuple(found)

    def _entry(self, session: Session, notice: str, revision: int, change: Change, *, town: str = "") -> Entry | None:
        key = (notice, revision)
        if key not in self._entries:
            self._entries[key] = self._read(session, town or self.town["id"], key, change)
        return self._entries[key]

    def _read(self, session: Session, town: str, which: tuple[str, int], change: Change) -> Entry | None:
        notice, revision = which
        current = notices.get(session, town, notice)
        stored = notices.revision(session, notice, revision)
        if current is None or stored is None:
            return None
        overtakes = change in (Change.NEW, Change.REVISED, Change.WITHDRAWN)
        if overtakes and self._change is not Change.DIGEST and publications.overtaken(session, notice, revision):
            return None  # the newer revision has its own batches
        newest = from_json(current["content"])
        content = newest if change is Change.REMINDER else from_json(stored["content"])
        if _over(content, change, self.house.now()) or _over(newest, change, self.house.now()):
            return None  # what a newer revision ended without a word of its own is over, too
        url = self.house.links_of(self._naming.town(session, town)).notice(town, notice)
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

    def _url(self, entry: Entry, row: Any) -> str:
        """Return the notice's page; an editor's notice has none but the desk, behind their own link."""
        if entry.notice.topic not in desk.HIDDEN:
            return entry.url
        return self.house.links_of(self.town).desk(row.subscriber_id, row.generation, desk.source_of(entry.notice))

    def _recipient(self, row: Any) -> Recipient:
        links = self.house.links.at(row.home_host)  # where they have their own page, whoever tells them
        change, tap = self._change, ""
        if not (self._channel.PERSONAL or change in OWN_PAGE):
            return Recipient(str(row.id), row.address, row.language, row.keys)
        if change is Change.CONFIRM:
            tap = links.confirm(row.id, row.asked_at or row.created_at)
        elif change is Change.LAPSE:
            tap = links.keep(row.subscriber_id, row.generation)
        end = links.end_monthly if change is Change.MONTHLY else links.unsubscribe
        about, who = self._about[0] or "", (row.subscriber_id, row.generation)
        own = bool(about) or change is Change.LINK  # else it is about their ways or habits
        manage = links.manage(*who, about) if own else links.settings(*who)
        return Recipient(str(row.id), row.address, row.language, row.keys, manage, end(row.id, row.generation), tap)

    def _message(self, entries: tuple[Entry, ...], now: datetime) -> Message:
        batch = self.batch
        change, collapsing = spoken(batch, entries, thread(batch, self.house.links.key), self.house.links.key)
        severity = max((one.notice.severity for one in entries), default=Severity.UNKNOWN)
        return Message(
            change=change, entries=entries, thread=collapsing, serial="",
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
