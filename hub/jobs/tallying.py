"""Tally: closed batches become totals, histograms and the month's error budget, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import RowMapping

from hub.core.goals import tallied
from hub.jobs.house import House
from hub.store import tally as store

_PAGES = 20  # of one round
_REMEMBERED = timedelta(days=400)


def tally(house: House) -> Sequence[RowMapping]:
    """Count what was closed since the last time; returns the batches that were over before anybody tried."""
    unattempted = []
    for _ in range(_PAGES):
        with house.store.begin() as session:
            rows = store.take(session)
            told, tried = store.tries(session, [row["id"] for row in rows])
            real = [row for row in rows if row["service"] != store.CANARY]
            store.add(session, [(row, tallied(row, told.get(row["id"], ()))) for row in real])
            unattempted += [row for row in real if _unattempted(row) and row["id"] not in tried]
        if not rows:
            break
    with house.store.begin() as session:
        store.forget(session, (house.now() - _REMEMBERED).date().isoformat())
    return unattempted


def _unattempted(row: RowMapping) -> bool:
    """Whether all that was told of a batch is that its time had passed."""
    return row["expired"] > 0 and row["first_at"] is None and not (row["sent"] or row["failed"] or row["gone"])
