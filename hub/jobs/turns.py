"""Turns: a job that wakes serves its lane: a batch, or a page of a publication, of whoever's turn it is (F-03, F-04).

The job of one row may serve another, of another municipality. As many wake as there are rows, so each is served; one
that only planned a page wakes again.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from sqlalchemy.orm import Session

from hub.core.turns import Kind
from hub.jobs import course
from hub.jobs import deliver as delivery
from hub.jobs.course import Wake
from hub.jobs.house import House
from hub.store import lines, publications


def publish(house: House, subject: str) -> None:
    """Serve the lane of the publication ``subject``; harmless when repeated."""
    with house.store.begin() as session:
        work = _next(house, session, publications.lane_of(session, int(subject)), Wake("publish", subject))
    if work is not None:
        work()


def deliver(house: House, subject: str) -> None:
    """Serve the lane of the batch ``subject``; harmless when repeated."""
    with house.store.begin() as session:
        if delivery.put_off(house, session, int(subject)):
            return
        lane = lines.enter(session, int(subject), house.now())
        work = _next(house, session, lane, Wake("deliver", subject))
    if work is not None:
        work()


def _next(house: House, session: Session, lane: str | None, wake: Wake) -> Callable[[], None] | None:
    """Take what of ``lane`` is to be served now; returns what carries it out, outside this transaction."""
    if lane is None:
        return None
    for kind, most in lines.whose(session, lane, house.now()):
        if kind is Kind.BATCH:
            work = delivery.take(house, session, lane, most)
        else:
            row = course.take(house, session, lane, most)
            work = functools.partial(course.carry, house, row, wake) if row is not None else None
        if work is not None:
            return work
    return None
