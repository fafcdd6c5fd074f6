"""Calendars that are ready to go out: kept as long as nothing they show changed, made once however many ask.

A feed lives until a touch names what it is made of (``hub.web.touched``), and until its municipality's next midnight,
at which the window of dates moves on. What changes beside the touches are settings, and those end the process.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, RowMapping
from sqlalchemy.orm import Session

from hub.core.errors import StoreError
from hub.core.lapse import COARSE
from hub.core.schedule import local_day
from hub.jobs.house import House
from hub.links import Links
from hub.store import calendars, lifesigns, towns
from hub.web.drawn import Overtaken, Style, draw
from hub.web.language import Language, choose
from hub.web.neighbours import BESIDE, Neighbours, Owned
from hub.web.shelf import Shelf, Turns
from hub.web.topics import TOPICS
from hub.web.touched import About, Touched
from hub.web.window import Day, today
from push.ical import Settings
from push.ical.assemble import Body, Feed, assemble, feed

_OWN, _SHARED = 900, 2_000  # bytes that Python needs beside the text of a feed and of a body
_TRIES = 5
Town = RowMapping | Mapping[str, Any]


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


@dataclass(frozen=True)
class _Choice:
    """All that the feeds of people with one choice depend on, beside their own address."""

    town: tuple[tuple[str, Any], ...]
    language: Language
    wishes: calendars.Wishes
    alarms_on: bool
    day: date
    topic: str = ""


class Feeds:
    """The calendars of one web process. Thread-safe."""

    def __init__(self, house: House, settings: Settings) -> None:
        """Keep nothing yet."""
        self._house, self._settings = house, settings
        self._shelf, self._turns = Shelf(settings.cache_mb * 1_000_000), Turns()
        self._touched, self._now = Touched(house.store), house.now
        self._neighbours = Neighbours(house.store, self._touched)
        self._place = self._shelf.place

    def ready(self, address: str) -> Feed | None:
        """Return the feed at ``address`` (path as in WSGI, ``?`` and query if any) if it is kept and valid.

        Raises ``StoreError`` when the database cannot say what changed.
        """
        place = self._place(address)
        if place is None:
            return None
        place.used = True
        kept: _Kept = place.value
        now, touched = self._now(), self._touched
        epoch = touched.epoch if touched.looked <= now < touched.due else touched.look(now)
        if (kept.checked == epoch and now < kept.until) or kept.holds(touched, epoch, now):
            found: Feed = kept.value
            return found
        return None

    def private(self, address: str, parts: tuple[int, int], topic: str = "", *, alarms_on: bool) -> Feed | None:
        """Return the calendar of the endpoint and generation in ``parts``; ``None`` if it was revoked or ended.

        ``topic``: only its dates of that topic.
        """
        number, generation = parts

        def make(epoch: int) -> _Kept | None:
            found, fresh = self._neighbours.of(number, epoch, self._now(), alarms_on=alarms_on)
            self._note_signs(found.owners, number, alarms_on=alarms_on)
            for other in found.owners if fresh and not topic else ():
                if other != number:
                    self._foresee(other, found, alarms_on=alarms_on)
            mine = found.owners.get(number)
            if mine is None or mine["generation"] != generation:
                return None
            link = self._links(found, mine).calendar(*parts, topic)
            beneath = self._drawn_for(self._choice_of(found, mine, topic, alarms_on=alarms_on))
            return self._own(beneath, link, mine["id"], found.epoch)

        return self._made(address, make, turn=("beside", number // BESIDE, topic, alarms_on))

    def _note_signs(self, owners: Mapping[int, RowMapping], number: int, *, alarms_on: bool) -> None:
        """Note as alive who reads this calendar, or has read a neighbour's that is kept; once a month each (I18)."""
        now = self._now()
        old = [one for one in owners if owners[one]["alive_at"] < now - COARSE]
        read = [one for one in old if one == number or self._was_read(one, owners[one], alarms_on=alarms_on)]
        if read:
            with suppress(StoreError), self._house.store.begin() as session:
                lifesigns.seen(session, [owners[one]["id"] for one in read], now)

    def _was_read(self, number: int, owner: RowMapping, *, alarms_on: bool) -> bool:
        link = self._house.links.calendar(number, owner["generation"])
        place = self._place(self._address(link, alarms_on=alarms_on))
        return place is not None and place.used

    def _address(self, link: str, *, alarms_on: bool) -> str:
        return link[link.index("/calendar/") :] + "?alarms=1" * alarms_on

    def _links(self, found: Owned, owner: RowMapping) -> Links:
        return self._house.links_of(found.towns[owner["town"]])

    def _foresee(self, number: int, found: Owned, *, alarms_on: bool) -> None:
        """Keep a neighbour's feed too, if what it shares with others is there."""
        owner = found.owners[number]
        beneath: _Kept | None = self._shelf.get(self._choice_of(found, owner, alarms_on=alarms_on))
        if beneath is None or not self._valid(beneath):
            return
        link = self._links(found, owner).calendar(number, owner["generation"])
        made = self._own(beneath, link, owner["id"], found.epoch)
        self._shelf.put(self._address(link, alarms_on=alarms_on), made, _size(made))

    def _own(self, beneath: _Kept, link: str, subscriber_id: int, epoch: int) -> _Kept:
        # A changed choice leaves no date behind, so a reader who knows dates only is always given the whole feed.
        made = feed(beneath.value, link, dated=False)
        return _Kept(made, (("subscriber", subscriber_id),), epoch, beneath.until, -1, beneath)

    def warm(self) -> None:
        """Draw the calendar of nobody, so that the first reader need not wait for what is made once."""
        epoch = self._touched.look(self._now())
        self._neighbours.read([0], epoch)
        with self._house.store.read() as session:
            town = next(iter(towns.listed(session)), None)
        if town is not None:
            nobody = self._choice(town, town["language"], ((0, ()),), alarms_on=False)
            feed(self._drawn_for(nobody).value, self._house.links.calendar(0, 0)).packed()

    def public(
        self, address: str, town: RowMapping, topic: str, zone: str, *, language: Language, alarms_on: bool, url: str
    ) -> Feed | None:
        """Return the calendar of a topic in a town, or in one of its streets or waste zones; ``None``: no such zone."""

        def make(epoch: int) -> _Kept | None:
            with self._house.store.read() as session:
                here = towns.zone_of(session, town, topic, zone)
            if here is None:
                return None
            path, name = here
            day = today(self._now(), town["zone"])

            def rows(session: Session) -> Sequence[Row[Any]]:
                return calendars.of_place(session, town["id"], topic=topic, path=path, begin=day.begin, end=day.end)

            style = self._style(town, language, alarms_on=alarms_on)
            body = self._drawn(style, f"{language.text(TOPICS[topic].title)} {name}", day, rows, leads={})
            return _Kept(feed(body, url), (("public", town["id"]),), epoch, day.until, -1)

        return self._made(address, make)

    def of_notices(
        self, town: RowMapping, wanted: ColumnElement[bool], span: tuple[datetime, datetime] | None, *, name: str,
        language: Language, url: str,
    ) -> Feed:  # fmt: skip
        """Return the calendar at ``url`` of what ``wanted`` selects: its dates within ``span``, or as usual."""

        def make(epoch: int) -> _Kept:
            day = today(self._now(), town["zone"])
            begin, end = span or (day.begin, day.end)

            def rows(session: Session) -> Sequence[Row[Any]]:
                return calendars.of_notices(session, town["id"], wanted, begin, end)

            body = self._drawn(self._style(town, language, alarms_on=False), name, day, rows, leads={})
            return _Kept(feed(body, url), (("public", town["id"]),), epoch, day.until, -1)

        return cast("Feed", self._made(url.removeprefix(self._house.links_of(town).base_url), make))

    def _valid(self, kept: _Kept) -> bool:
        now = self._now()
        return kept.holds(self._touched, self._touched.look(now), now)

    def _made(self, key: str, make: Callable[[int], _Kept | None], *, turn: Hashable = None) -> Feed | None:
        """Return the valid feed at ``key``, or make it: one thread alone, the others wait and take it.

        ``turn``: what else is made with it, if anything.
        """
        found = self.ready(key)
        if found is not None:
            return found
        with self._turns.alone(key if turn is None else turn):
            found = self.ready(key)
            if found is not None:
                return found
            made = make(self._touched.look(self._now()))
            if made is None:
                self._shelf.drop(key)
                return None
            self._shelf.put(key, made, _size(made))
            fresh: Feed = made.value
            return fresh

    def _choice_of(self, found: Owned, owner: RowMapping, topic: str = "", *, alarms_on: bool) -> _Choice:
        town = found.towns[owner["town"]]
        made = self._choice(town, owner["language"], found.wishes[owner["id"]], alarms_on=alarms_on)
        return replace(made, topic=topic) if topic else made

    def _choice(self, town: RowMapping, language: str, wishes: calendars.Wishes, *, alarms_on: bool) -> _Choice:
        day = local_day(self._now(), town["zone"])
        return _Choice(tuple(dict(town).items()), choose((language,)), wishes, alarms_on, day)

    def _drawn_for(self, choice: _Choice) -> _Kept:
        """Return the body that all who chose the same share."""
        with self._turns.alone(choice):
            kept: _Kept | None = self._shelf.get(choice)
            if kept is not None and self._valid(kept):
                return kept
            epoch = self._touched.look(self._now())
            town, ids = dict(choice.town), [one for one, _ in choice.wishes]
            day, slugs = today(self._now(), town["zone"]), {town["id"]}

            def rows(session: Session) -> Sequence[Row[Any]]:
                slugs.update(calendars.towns_of(session, ids))
                return calendars.of_interests(session, ids, day.begin, day.end, topic=choice.topic)

            named = choice.language.text(TOPICS[choice.topic].title) if choice.topic else "Ortsruf"
            style = self._style(town, choice.language, alarms_on=choice.alarms_on)
            body = self._drawn(style, f"{named} {town['name']}", day, rows, leads=dict(choice.wishes))
            about = (*(("private", one) for one in sorted(slugs)), *(("interest", one) for one in ids))
            kept = _Kept(body, about, epoch, day.until, -1)
            self._shelf.put(choice, kept, _size(kept))
            return kept

    def _style(self, town: Town, language: Language, *, alarms_on: bool) -> Style:
        house = self._house
        return Style(house.site(town), house.links_of(town), dict(town), language.code, alarms_on)

    def _drawn(
        self, style: Style, name: str, day: Day, rows: Callable[[Session], Sequence[Row[Any]]], *,
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
