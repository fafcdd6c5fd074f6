"""Calendars that are ready to go out: kept as long as nothing they show changed, made once however many ask.

A feed lives until a touch names what it is made of (``hub.web.touched``), until its municipality's next midnight, at
which the window of dates moves on, and for 55 minutes at most: touches are kept for an hour. What changes beside the
touches are settings, and those end the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, RowMapping
from sqlalchemy.orm import Session

from hub.core.errors import StoreError
from hub.core.schedule import local_day, wall
from hub.jobs.house import House
from hub.store import calendars, towns
from hub.web.drawn import Overtaken, Style, draw
from hub.web.language import Language, choose
from hub.web.shelf import Shelf, Turns
from hub.web.topics import TOPICS
from hub.web.touched import About, Touched
from push.ical import Settings
from push.ical.assemble import Body, Feed, assemble, feed

BACK, AHEAD = timedelta(days=60), timedelta(days=400)
LIVES = timedelta(minutes=55)
_OWN, _SHARED = 900, 2_000  # bytes that Python needs beside the text of a feed and of a body
_TRIES = 5


@dataclass(slots=True, eq=False)
class _Kept:
    """Something on the shelf with what it depends on: valid until ``until`` unless touched after ``epoch``."""

    value: Any
    about: tuple[About, ...]
    epoch: int
    until: datetime
    checked: int  # the epoch in which nothing of it was touched yet
    beneath: _Kept | None = None

    def holds(self, touched: Touched, epoch: int, now: datetime) -> bool:
        """Whether this is what would be made now."""
        if now >= self.until:
            return False
        if self.checked == epoch:
            return True
        if touched.since(self.about, self.epoch):
            return False
        if self.beneath is not None and not self.beneath.holds(touched, epoch, now):
            return False
        self.checked = epoch
        return True


@dataclass(frozen=True, slots=True)
class _Day:
    """The local day of a drawing: which dates it covers and when that ends."""

    day: date
    begin: datetime
    end: datetime
    composed: datetime
    until: datetime


def _today(now: datetime, zone: str) -> _Day:
    """Return what feeds drawn now cover: whole days from 60 days ago to 400 days ahead, the same until midnight."""
    today = local_day(now, zone)
    midnight, tomorrow = (wall(today + timedelta(days=days), time(), zone) for days in (0, 1))
    return _Day(today, midnight - BACK, midnight + AHEAD, midnight, min(tomorrow, now + LIVES))


class Feeds:
    """The calendars of one web process. Thread-safe."""

    def __init__(self, house: House, settings: Settings) -> None:
        """Keep nothing yet."""
        self._house, self._settings = house, settings
        self._shelf, self._turns = Shelf(settings.cache_mb * 1_000_000), Turns()
        self._touched = Touched(house.store)

    def ready(self, address: str) -> Feed | None:
        """Return the feed at ``address`` (path as in WSGI, ``?`` and query if any) if it is kept and valid.

        Raises ``StoreError`` when the database cannot say what changed.
        """
        kept: _Kept | None = self._shelf.get(address)
        if kept is None or not self._valid(kept):
            return None
        found: Feed = kept.value
        return found

    def private(self, address: str, parts: tuple[int, int], *, alarms_on: bool) -> Feed | None:
        """Return the calendar of the endpoint and generation in ``parts``; ``None`` if it was revoked or ended."""

        def make(epoch: int) -> _Kept | None:
            with self._house.store.read() as session:
                owner = calendars.owner(session, parts[0])
                if owner is None or owner["state"] != "active" or owner["generation"] != parts[1]:
                    return None
                wishes = calendars.wishes(session, owner["id"])
                town = calendars.town_row(session, owner["municipality_id"])
            if town is None:
                return None
            beneath = self._of_wishes(town, choose((owner["language"],)), wishes, alarms_on=alarms_on)
            # A changed choice leaves no date behind, so a reader who knows dates only is always given the whole feed.
            made = feed(beneath.value, self._house.links.calendar(*parts), dated=False)
            return _Kept(made, (("subscriber", owner["id"]),), epoch, beneath.until, -1, beneath)

        return self._made(address, make)

    def public(
        self, address: str, town: RowMapping, topic: str, zone: str, *, language: Language, alarms_on: bool, url: str
    ) -> Feed | None:
        """Return the calendar of a topic in a town, or in one of its streets or waste zones; ``None``: no such zone."""

        def make(epoch: int) -> _Kept | None:
            with self._house.store.read() as session:
                here = _place(session, town, topic, zone)
            if here is None:
                return None
            path, name = here
            day = _today(self._house.now(), town["zone"])

            def rows(session: Session) -> Sequence[Row[Any]]:
                return calendars.of_place(session, town["id"], topic=topic, path=path, begin=day.begin, end=day.end)

            style = self._style(town, language, alarms_on=alarms_on)
            body = self._drawn(style, f"{language.text(TOPICS[topic].title)} {name}", day, rows, leads={})
            return _Kept(feed(body, url), (("public", town["id"]),), epoch, day.until, -1)

        return self._made(address, make)

    def _valid(self, kept: _Kept) -> bool:
        now = self._house.now()
        return kept.holds(self._touched, self._touched.look(now), now)

    def _made(self, key: str, make: Callable[[int], _Kept | None]) -> Feed | None:
        """Return the valid feed at ``key``, or make it: one thread alone, the others wait and take it."""
        found = self.ready(key)
        if found is not None:
            return found
        with self._turns.alone(key):
            found = self.ready(key)
            if found is not None:
                return found
            made = make(self._touched.look(self._house.now()))
            if made is None:
                self._shelf.drop(key)
                return None
            self._shelf.put(key, made, _size(made))
            fresh: Feed = made.value
            return fresh

    def _of_wishes(
        self, town: RowMapping, language: Language, wishes: tuple[tuple[int, tuple[str, ...]], ...], *, alarms_on: bool
    ) -> _Kept:
        """Return the body that all who chose the same share."""
        day = _today(self._house.now(), town["zone"])
        key = (tuple(town.values()), language.code, wishes, alarms_on, day.day)
        ids = [one for one, _ in wishes]
        with self._turns.alone(key):
            kept: _Kept | None = self._shelf.get(key)
            if kept is not None and self._valid(kept):
                return kept
            epoch = self._touched.look(self._house.now())

            def rows(session: Session) -> Sequence[Row[Any]]:
                return calendars.of_interests(session, ids, day.begin, day.end)

            style = self._style(town, language, alarms_on=alarms_on)
            body = self._drawn(style, f"Ortsruf {town['name']}", day, rows, leads=dict(wishes))
            about = (("private", town["id"]), *(("interest", one) for one in ids))
            kept = _Kept(body, about, epoch, day.until, -1)
            self._shelf.put(key, kept, _size(kept))
            return kept

    def _style(self, town: RowMapping, language: Language, *, alarms_on: bool) -> Style:
        house = self._house
        return Style(house.site(town), house.links, town, language.code, alarms_on)

    def _drawn(
        self, style: Style, name: str, day: _Day, rows: Callable[[Session], Sequence[Row[Any]]], *,
        leads: Mapping[int, Sequence[str]],
    ) -> Body:  # fmt: skip
        """Return the body of what ``rows`` finds; each midnight counts as a change, because the window moves on."""
        for _ in range(_TRIES):
            try:
                with self._house.store.read() as session:
                    found = rows(session)
                    pieces = draw(session, found, style, leads=leads, shelf=self._shelf)
                break
            except Overtaken:
                continue
        else:
            raise StoreError("A calendar's notices change faster than they can be read.")
        changed = max([row.changed_at for row in found] + [day.composed])
        return assemble(
            pieces, site=style.site, name=name, language=style.language, changed=changed, settings=self._settings
        )


def _size(kept: _Kept) -> int:
    if isinstance(kept.value, Body):
        body, own = kept.value, 0
    else:
        body, own = kept.value.body, len(kept.value.source) + _OWN
        if kept.beneath is not None:
            return own
    # Compressed once somebody asks; a calendar's text shrinks to a quarter or less.
    return own + len(body.head) + len(body.tail) * 5 // 4 + _SHARED


def _place(session: Session, town: RowMapping, topic: str, zone: str) -> tuple[str, str] | None:
    """Return path and name of a town, or of one of its streets or waste zones."""
    if not zone:
        return town["path"], town["name"]
    here = [*towns.streets_of(session, town["id"], topic), *towns.local_places(session, town["id"], "zone")]
    known = {one["path"].rpartition(":")[2]: one for one in here}
    if zone not in known:
        return None
    return known[zone]["path"], f"{town['name']}, {known[zone]['name']}"
