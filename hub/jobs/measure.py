"""Measure: every five minutes the figures that plots are drawn from are written down, and old ones forgotten.

What is written is what /metrics says at that moment: totals of the tallies, ages of queues, states of sources, and how
long the canaries took. One process of those that tick does it, by its mark.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.goals import BUCKETS
from hub.core.health import state
from hub.core.samples import EVERY
from hub.jobs.house import House
from hub.store import alarms, canaries, figures, roundup, samples, tally

MARK = "measure"
LANES = tuple(lane.value for lane in Lane if lane is not Lane.GATHER)
OUTCOMES = ("sent", "failed", "expired")
_Values = dict[tuple[str, str], float]


def measure(house: House) -> int:
    """Write down how everything stands, if it is time; returns how many figures were written."""
    now = house.now()
    with house.store.begin() as session:
        last = alarms.marks(session).get(MARK)
        if last is not None and now - last["at"] < EVERY:
            return 0
        alarms.ran(session, MARK, now)
        hourly = last is None or _hour(last["at"]) != _hour(now)
        values = _house(session, now)
        if hourly:
            values |= _towns(session, now)
        samples.write(session, now, values, hourly=hourly)
        samples.forget(session, now)
    return len(values)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _house(session: Session, now: datetime) -> _Values:
    found: Counter[str] = Counter()
    for row in tally.totals(session):
        if row["name"] in OUTCOMES:
            found[f"{row['name']}:{row['channel']}"] += row["value"]
        elif row["name"].startswith("le:") and row["lane"] != Lane.DIGEST:  # a digest may take its hour
            found[row["name"]] += row["value"]
    for edge in (*BUCKETS, 0):
        found[f"le:{edge}"] += 0
    rows = {row["lane"]: row["oldest"] for row in figures.lanes(session, now)}
    values = {name: float(value) for name, value in found.items()}
    for lane in LANES:
        oldest = rows.get(lane)
        values[f"queue:{lane}"] = max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
    values["troubled"] = float(sum(not state(row, now).well for row in figures.sources(session)))
    values["held"] = float(sum(roundup.waiting(session).values()))
    values["retries"] = float(figures.retries(session))
    for row in canaries.listed(session):
        if row["proved_at"] is not None and row["waits_since"] is None:
            name = f"canary:{row['channel']}"
            values[name] = max(values.get(name, 0.0), float(row["milliseconds"]))
    return {(name, samples.HOUSE): value for name, value in values.items()}


def _towns(session: Session, now: datetime) -> _Values:
    """Return the figures of each municipality: what went wrong or took long; what is nothing stays unwritten."""
    values: _Values = {}
    for row in canaries.listed(session):
        if row["proved_at"] is not None and row["waits_since"] is None:
            values[f"canary:{row['channel']}", row["municipality_id"]] = float(row["milliseconds"])
    troubled = Counter(row["municipality_id"] for row in figures.sources(session) if not state(row, now).well)
    return values | {("troubled", town): float(count) for town, count in troubled.items()}
