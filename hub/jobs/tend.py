"""Tend: a source's health may have changed; tell those who must know.

An incident is a notice: published to the editor (or, for a silence, to the source's subscribers) when it begins, and
withdrawn when it is over, so that exactly those hear of the end who had the first word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub import desk_texts
from hub.core import desk
from hub.core.causes import cause
from hub.core.changes import Decision, Known, decide
from hub.core.health import END_ALARM, Health, state
from hub.core.incidents import Sort, sort_of, turn
from hub.core.notice import Notice, Status, notice_id
from hub.failpoints import reached
from hub.jobs.house import House
from hub.sources import display_name
from hub.store import editors, held, notices, outlook, polls, sources, towns

LINGERS = timedelta(days=2)  # the end of an incident stays readable for so long


def tend(house: House, source_id: str) -> None:
    """Look at the source again and tell the editor or its subscribers what changed; safe to repeat.

    ``gather`` wakes this in the transaction of a poll that broke, quarantined, healed, silenced or doubted the source,
    ended a doubt, held items for the editor, or found that its calendar ends. What was told is for this job to know.
    """
    now = house.now()
    with house.store.begin() as session:
        row = editors.locked_source(session, source_id)
        town = towns.get(session, row["municipality_id"]) if row is not None else None
        if row is None or town is None:
            return
        known = editors.open_incidents(session, town["id"], source_id)
        waiting = held.waiting(session, source_id)
        health = state(row, now, outlook.last_date(session, source_id))
        todo = turn(row, health, len(waiting), known, now, edited=town["id"] in editors.reached(session))
        teller = _Teller(house, session, row, town, health, waiting)
        for sort, key in todo.begin:
            teller.begin(sort, key)
        for key in todo.end:
            teller.end(known[key])
        reached("tend.told")


def watch(house: House, *, calendars: bool) -> int:
    """Wake :func:`tend` for every source for which time alone, or a crash, left something to tell; returns how many.

    ``calendars``: also look whether a calendar comes to its end, which reads every date there is.
    """
    now = house.now()
    with house.store.read() as session:
        open_keys, waiting, edited = editors.open_keys(session), editors.waiting(session), editors.reached(session)
        ending = editors.perhaps_ending(session, now + END_ALARM) if calendars else set()
        found = []
        for row in editors.troubled(session, {*open_keys, *waiting, *ending}):
            dated = calendars and (row["id"] in ending or row["id"] in open_keys)
            health = state(row, now, outlook.last_date(session, row["id"]) if dated else None)
            held_items, told = waiting.get(row["id"], 0), open_keys.get(row["id"], ())
            todo = turn(row, health, held_items, told, now, edited=row["municipality_id"] in edited)
            found += [row["id"]] if todo.begin or todo.end else []
    if found:
        with house.store.begin() as session:
            for source_id in found:
                house.engine.defer(session, "tend", source_id)
    return len(found)


@dataclass(frozen=True)
class _Teller:
    """Begins and ends incidents of one source in the caller's transaction."""

    house: House
    session: Session
    row: RowMapping
    town: RowMapping
    health: Health
    waiting: Sequence[RowMapping]

    def begin(self, sort: Sort, key: str) -> None:
        """Publish an incident; one of this key that was ever told is not told again."""
        found = notice_id(desk.KIND, key)
        if notices.get(self.session, self.town["id"], found) is not None:
            return
        notice = Notice(
            id=found, key=key, kind=desk.KIND, topic=self.row["topic"] if sort is Sort.SILENT else desk.TOPIC,
            texts=desk_texts.texts(self._incident(sort), self.town["language"]), category=sort.value,
            publisher=self.town["name"],
        )  # fmt: skip
        self._save(decide(notice, None, self.house.now()), self._places(sort, notice))

    def end(self, known: Known) -> None:
        """Withdraw an incident, so that its readers hear that it is over."""
        incident = self._incident(sort_of(known.notice.key))
        ending = replace(
            known.notice, status=Status.CANCELLED, expires=self.house.now() + LINGERS,
            texts=desk_texts.texts(incident, self.town["language"], over=True),
        )  # fmt: skip
        decision = decide(ending, known, self.house.now())
        # A withdrawal without places keeps the words that were known; the end of an incident has its own.
        told = replace(decision.notice, texts=ending.texts)
        self._save(replace(decision, notice=told), notices.places_of(self.session, known.notice.id))

    def _save(self, decision: Decision, places: Sequence[str]) -> None:
        # No source of its own: an incident is no item of the source, and must not count as one.
        publication = notices.save(
            self.session, self.town["id"], None, decision, places=places, zone=self.town["zone"],
            now=self.house.now(), names=(decision.notice.key,),
        )  # fmt: skip
        if publication is not None:
            self.house.engine.defer(self.session, "publish", str(publication))

    def _places(self, sort: Sort, notice: Notice) -> Sequence[str]:
        town = [str(self.town["path"])]
        if sort is not Sort.SILENT:
            return town
        return self.house.gatherer.places(notice, sources.from_row(self.row)) or town

    def _incident(self, sort: Sort) -> desk_texts.Incident:
        row = self.row
        label, detail = self._why(sort)
        return desk_texts.Incident(
            sort, display_name(row["name"], row["url"]), row["topic"], self.town["zone"], cause(label, detail), detail,
            since=self.health.since, known=row["succeeded_at"], waiting=len(self.waiting),
            last_date=self.health.last_date,
        )  # fmt: skip

    def _why(self, sort: Sort) -> tuple[str, str]:
        """Return the label and the exact words of what is wrong now."""
        if sort is Sort.HELD:
            return self.row["doubt"] or (self.waiting[0]["reason"] if self.waiting else ""), ""
        last = next(iter(polls.history(self.session, self.row["id"], most=1)), None)
        return last["label"] if last is not None else "", self.row["fault"]
