"""What the monthly mails of a page of people say, read as things stand when they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json, occurrence_from_json
from hub.core.desk import HIDDEN
from hub.core.health import state
from hub.core.monthly import DATES, Coming, Device, Month, Watched
from hub.core.mutes import Mute, silent
from hub.core.notice import Notice, Occurrence
from hub.jobs.fanout import matter
from hub.store import endpoints, months, notices, sources, towns

_Choice = tuple[int, Mapping[str, Any], str]


def of_page(
    session: Session, town: RowMapping, people: Mapping[int, int], wishes: Mapping[int, Sequence[Mute]], now: datetime
) -> dict[int, Month]:
    """Return the month of each mailbox in ``people`` (endpoint -> subscriber); ``wishes`` are their mutes.

    A few questions for the page, and one for the dates of each different choice.
    """
    choices = months.choices(session, set(people.values()))
    page = _Page(session, town, now, choices)
    ways: dict[int, list[RowMapping]] = {}
    for way in months.ways(session, set(people.values())):
        ways.setdefault(way["subscriber_id"], []).append(way)
    towns_ = {town["id"], *(slug for several in choices.values() for _, _, slug in several)}
    got = months.received(session, towns_, [way["id"] for several in ways.values() for way in several], now)
    return {
        endpoint: Month(
            watched=page.watched(choices.get(person, [])),
            received=_received(ways.get(person, []), got),
            devices=_devices(ways.get(person, []), got),
            cut_off=endpoints.cut_off(session, person),
            coming=page.coming(choices.get(person, []), wishes.get(person, ())),
        )
        for endpoint, person in people.items()
    }


class _Page:
    """What the people of one page share."""

    def __init__(
        self, session: Session, town: RowMapping, now: datetime, choices: Mapping[int, Sequence[_Choice]]
    ) -> None:  # fmt: skip
        self._session, self._town, self._now = session, town, now
        self._sources: dict[str, list[RowMapping]] = {}
        self._news = months.last_news(session, {one for several in choices.values() for one, _, _ in several})
        self._names: dict[str, str] = {town["path"]: str(town["name"])}
        self._dates: dict[frozenset[int], list[tuple[Notice, Occurrence]]] = {}

    def watched(self, choices: Sequence[_Choice]) -> tuple[Watched, ...]:
        """Return what a person watches; choices that differ only in words are one line."""
        found: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Watched] = {}
        for interest_id, criteria, town in choices:
            if criteria.get("centre") and not criteria.get("places"):
                continue  # what lies around a place, which has a line of its own
            topics, places = tuple(criteria.get("topics", ())), self._places(criteria.get("places", ()), town)
            known, news = found.get((town, topics, places)), self._news.get(interest_id)
            moments = [one for one in (known.news_at if known else None, news) if one is not None]
            found[town, topics, places] = self._checked(town, topics, places, max(moments, default=None))
        return tuple(found.values())

    def _places(self, paths: Sequence[str], town: str) -> tuple[str, ...]:
        """Return what the places are called, with their municipality where that is not the mail's own."""
        names = tuple(map(self._name, paths))
        if town == self._town["id"]:
            return names
        row = towns.get(self._session, town)
        return tuple(dict.fromkeys((*names, row["name"]))) if row is not None else names

    def _checked(
        self, town: str, topics: tuple[str, ...], places: tuple[str, ...], news: datetime | None
    ) -> Watched:  # fmt: skip
        if town not in self._sources:
            self._sources[town] = [one for one in sources.listed(self._session, town) if one["enabled"]]
        several = [one for one in self._sources[town] if not topics or one["topic"] in topics]
        read = [one["succeeded_at"] for one in several if one["succeeded_at"] is not None]
        late = any(state(one, self._now).stale for one in several)
        return Watched(topics, places, min(read, default=None), news, late)

    def _name(self, path: str) -> str:
        if path not in self._names:
            self._names[path] = towns.place_name(self._session, path)
        return self._names[path]

    def coming(self, choices: Sequence[_Choice], wishes: Sequence[Mute]) -> tuple[Coming, ...]:
        """Return the next dates that a person has not muted, those of which several towns say the same once."""
        about = frozenset(interest_id for interest_id, _, _ in choices)
        if about not in self._dates:
            rows = months.coming(self._session, about, self._now) if about else ()
            self._dates[about] = [(from_json(row["notice"]), occurrence_from_json(row["occurrence"])) for row in rows]
        found = [
            Coming(one.summary or notice.title, one)
            for notice, one in self._dates[about]
            if notice.topic not in HIDDEN and not self._muted(wishes, notice)
        ]
        return tuple(dict.fromkeys(found))[:DATES]

    def _muted(self, wishes: Sequence[Mute], notice: Notice) -> bool:
        if not wishes:
            return False
        return silent(wishes, matter(notice, notices.places_of(self._session, notice.id)), self._now)


def _received(ways: Sequence[RowMapping], got: Mapping[int, tuple[int, datetime]]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for way in ways:
        if way["id"] in got:
            counts[way["channel"]] = counts.get(way["channel"], 0) + got[way["id"]][0]
    return tuple(sorted(counts.items(), reverse=True))


def _devices(ways: Sequence[RowMapping], got: Mapping[int, tuple[int, datetime]]) -> tuple[Device, ...]:
    return tuple(
        Device(way["created_at"], got[way["id"]][1] if way["id"] in got else None, way["troubled_since"])
        for way in ways
        if way["channel"] == endpoints.PUSH and way["state"] == "active"
    )
