"""Reach: whom a draft would be told if it went out now, by the matching that will tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.draft import Area, Draft, Imprint, Mode, paths, to_notice
from hub.core.notice import Notice
from hub.core.reach import Part, Reach, coarse, way
from hub.core.reach import reach as put_together
from hub.core.subscription import Action
from hub.jobs.house import House
from hub.jobs.publish import fitting_at
from hub.store import reached, towns

_MOST_PARTS = 40  # places that are counted one by one


def reach(house: House, draft: Draft) -> Reach:
    """Return whom ``draft`` would reach, in all municipalities that it tells; coarse, and never fewer than five.

    Who pauses, has muted it or is asleep counts: they may hear of it later.
    """
    found: list[int] = []
    parts: list[Part] = []
    with house.store.read() as session:
        known = {slug: towns.get(session, slug) for slug in draft.towns}
        for area in draft.areas:
            row = known[area.town]
            if row is None:
                continue
            notice = _notice(house, draft, area, row)
            found += _fitting(session, row, notice, paths(area, row["path"]))
            parts += _parts(session, row, notice, area)
        people = reached.people(session, found)
        counted = reached.ways(session, found)
    dated = bool(draft.occurrences)
    wanted = [one for one in counted if dated or one[1] not in {Action.REMINDER, Action.CALENDAR}]
    return put_together(people, [way(*one, counted[one]) for one in wanted], parts, len(draft.towns))


def _notice(house: House, draft: Draft, area: Area, row: RowMapping) -> Notice:
    imprint = Imprint("reach", row["name"], house.now())
    return to_notice(replace(draft, mode=Mode.ACTUAL), area.town, imprint)


def _fitting(session: Session, row: RowMapping, notice: Notice, places: Sequence[str]) -> list[int]:
    return [one for one, _ in fitting_at(session, row, notice, places)]


def _parts(session: Session, row: RowMapping, notice: Notice, area: Area) -> list[Part]:
    """Return how many people each place of an area brings; who asked for all of the town counts at each."""
    if not area.places:
        return [Part(row["name"], coarse(reached.people(session, _fitting(session, row, notice, [row["path"]]))))]
    found = []
    for ref in area.places[:_MOST_PARTS]:
        fits = _fitting(session, row, notice, paths(Area(area.town, (ref,)), row["path"]))
        found.append(Part(ref.name or ref.value, coarse(reached.people(session, fits))))
    return found
