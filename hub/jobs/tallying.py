"""Tally: closed batches become totals, histograms, the month's error budget and what came of notices, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import RowMapping

from hub.core.delays import Delays, of_batch
from hub.core.goals import by_wish, tallied, told_at
from hub.jobs.house import House
from hub.store import reach
from hub.store import tally as store

_PAGES = 20  # of one round
REMEMBERED = timedelta(days=400)


def tally(house: House) -> Sequence[RowMapping]:
    """Count what was closed since the last time; returns the batches that were over before anybody tried."""
    unattempted = []
    for _ in range(_PAGES):
        with house.store.begin() as session:
            rows = store.take(session)
            tries = store.tries(session, [row["id"] for row in rows])
            real = [(row, tries.get(row["id"], store.Tries())) for row in rows if row["service"] != store.CANARY]
            store.add(session, [(row, tallied(row, one.told, later=one.later)) for row, one in real])
            reach.note(session, [(row, delays(row, one)) for row, one in real])
            unattempted += [row for row, one in real if _unattempted(row) and not one.tried]
        if not rows:
            break
    with house.store.begin() as session:
        store.forget(session, (house.now() - REMEMBERED).date().isoformat())
    return unattempted


def delays(row: RowMapping, tries: store.Tries) -> Delays:
    """Return how soon the recipients of a batch were told."""
    moments = told_at(row, tries.told, later=tries.later)
    return of_batch(moments, row["seen_at"] or row["created_at"], wished=by_wish(row))


def _unattempted(row: RowMapping) -> bool:
    """Whether all that was told of a batch is that its time had passed."""
    return row["expired"] > 0 and row["first_at"] is None and not (row["sent"] or row["failed"] or row["gone"])
