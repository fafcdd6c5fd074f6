"""Dates of the store drawn as calendar events: only those that were not drawn before are read whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hub.core.codec import from_json, occurrence_from_json
from hub.core.message import Reason, Site
from hub.core.notice import Notice, Occurrence, Status
from hub.core.schedule import reminder_at, starts
from hub.core.subscription import lead
from hub.links import Links
from hub.store import calendars, interests, towns, twins
from hub.web.shelf import Shelf
from push.ical.assemble import Piece
from push.ical.feed import FeedEntry
from push.ical.render import write_piece

_ROW = 500  # bytes that a kept piece needs beside its text


class Overtaken(Exception):
    """A notice changed between two questions of one reading."""


@dataclass(frozen=True, slots=True)
class Style:
    """All that the events of one drawing share."""

    site: Site
    links: Links
    town: Mapping[str, Any]
    language: str
    alarms_on: bool

    @property
    def frame(self) -> str:
        """What tells this style from others in the keys of kept pieces."""
        site = self.site
        return "\n".join((site.base_url, site.zone, site.name, self.town["id"], self.language, str(self.alarms_on)))


@dataclass(slots=True)
class _Date:
    """One date, and the lead times of every interest that brought it."""

    row: Row[Any]
    reason: str
    place: str
    leads: tuple[str, ...]
    abroad: str = ""  # the name of its municipality, where that is not the calendar's own

    def key(self, frame: str) -> tuple[object, ...]:
        """Return what its piece is kept under: all that its bytes depend on."""
        return (frame, *self.row[:7], self.reason, self.place, self.leads, self.abroad)


def draw(
    session: Session, rows: Sequence[Row[Any]], style: Style, *, leads: Mapping[int, Sequence[str]], shelf: Shelf
) -> list[Piece]:  # fmt: skip
    """Return the events of ``rows`` (see ``hub.store.calendars``), each date once.

    ``leads`` are lead times by interest; ``shelf`` keeps pieces between drawings. Raises :class:`Overtaken`.
    """
    dates, frame = _merged(session, rows, style.town, leads), style.frame
    keyed = [(one, one.key(frame)) for one in dates]
    found = {key: piece for _, key in keyed if (piece := shelf.get(key)) is not None}
    missing = [(one, key) for one, key in keyed if key not in found]
    if missing:
        texts = _notices(session, [one.row for one, _ in missing])
        for one, key in missing:
            entry = _entry(one, texts[one.row.id], style)
            piece = write_piece(entry, style.site, style.language, alarms_on=style.alarms_on)
            shelf.put(key, piece, len(piece.body) + len(one.row.occurrence) + len(one.reason) + _ROW)
            found[key] = piece
    return [found[key] for _, key in keyed]


def _notices(session: Session, rows: Iterable[Row[Any]]) -> dict[str, Notice]:
    wanted = {row.id: row.revision for row in rows}
    known = calendars.contents(session, wanted)
    if any(known.get(one, (0, None))[0] != revision for one, revision in wanted.items()):
        raise Overtaken
    return {one: from_json(content) for one, (_, content) in known.items()}


def _merged(
    session: Session, rows: Sequence[Row[Any]], town: Mapping[str, Any], leads: Mapping[int, Sequence[str]]
) -> list[_Date]:  # fmt: skip
    """Return each date once: the reason of the first interest, the lead times of every interest that brought it."""
    reasons = [getattr(row, "reason", "") for row in rows]
    names = towns.place_names(session, {one.place for text in set(reasons) if (one := _reason(text)) and one.place})
    slugs = {row.town for row in rows}
    abroad = towns.names(session, slugs - {town["id"]})
    # Of what several municipalities say alike, the first is enough.
    alike = twins.keys(session, {row.id: row.revision for row in rows}) if len(slugs) > 1 else {}
    found: dict[tuple[str, str], _Date] = {}
    for row, text in zip(rows, reasons, strict=True):
        given = tuple(leads.get(row.interest_id, ())) if text else ()
        key = (alike.get(row.id, row.id), row.slot)
        known = found.get(key)
        if known is None:
            reason = _reason(text)
            other = abroad.get(row.town, "")
            place = names.get(reason.place, other or town["name"]) if reason else ""
            place = f"{place}, {other}" if place and other and place != other else place
            found[key] = _Date(row, text, place, given, other)
        elif given:
            known.leads = tuple(dict.fromkeys((*known.leads, *given)))
    return list(found.values())


@lru_cache(maxsize=4096)
def _reason(text: str) -> Reason | None:
    return interests.reason_from_json(json.loads(text)) if text else None


def _entry(one: _Date, notice: Notice, style: Style) -> FeedEntry:
    row, zone = one.row, style.site.zone
    occurrence = occurrence_from_json(json.loads(row.occurrence))
    if row.withdrawn:
        occurrence = replace(occurrence, status=Status.CANCELLED)
    reason = _reason(one.reason)
    return FeedEntry(
        uid=row.slot, notice=notice, occurrence=occurrence, sequence=row.sequence, changed=row.changed_at,
        url=style.links.notice(row.town, row.id),
        reason=replace(reason, place=one.place) if reason else None, town=one.abroad,
        leads=tuple(sorted({span(text, occurrence, zone) for text in one.leads})),
    )  # fmt: skip


def span(text: str, occurrence: Occurrence, zone: str) -> timedelta:
    """Return how long before ``occurrence`` a stored lead time falls; before a whole day: before its midnight.

    Whole days are counted on the wall clock, so that the hour stays right when the clocks change that night.
    """
    found = lead(text)
    if found.at is None:
        return found.span or timedelta()
    if isinstance(occurrence.start, datetime):
        return starts(occurrence, zone) - reminder_at(occurrence, found, zone)
    day = date(occurrence.start.year, occurrence.start.month, occurrence.start.day)
    return datetime.combine(day, time()) - datetime.combine(day - timedelta(days=found.days), found.at)
