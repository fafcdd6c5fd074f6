"""How soon a delivery should be made, and whether it was: the figures behind histograms and the error budget (I17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.core.fanout import Lane

GOALS: Mapping[str, timedelta] = {
    Lane.EMERGENCY: timedelta(seconds=60),
    Lane.TRANSACTIONAL: timedelta(seconds=60),
    Lane.NORMAL: timedelta(minutes=5),
    Lane.DIGEST: timedelta(hours=1),
}
TARGET = 0.999  # of the deliveries of a month keep their goal
BUCKETS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400)  # seconds
FEWEST = 5  # a count of people below this is not shown (T-06)


@dataclass(frozen=True, slots=True)
class Tallied:
    """What one closed batch adds: deliveries by how long they took, and to the day's budget."""

    buckets: Mapping[int, int]  # seconds (0: longer than any bucket) -> deliveries
    milliseconds: int
    kept: int
    late: int
    lost: int


def began(row: Mapping[Any, Any]) -> datetime:
    """Return when the wait of a batch's recipients began: when the hub learned of it, or when they want to hear it."""
    begin: datetime = row["wanted_at"] if by_wish(row) else row["seen_at"] or row["created_at"]
    return begin


def by_wish(row: Mapping[Any, Any]) -> bool:
    """Whether a batch waited for the hour at which its recipients want to hear it: quiet hours, a pause, a digest."""
    wanted: datetime | None = row["wanted_at"]
    made: datetime = row["created_at"]
    return wanted is not None and wanted > made + timedelta(seconds=1)


def told_at(row: Mapping[Any, Any], again: Sequence[datetime], *, later: bool = False) -> Counter[datetime]:
    """Return when how many of a batch's recipients were told, as near as it is known.

    ``again``: when those were told who needed more than one try; ``later``: somebody was tried again, or given
    up, after the first round. Those told at the first try count as told when the batch was done, or, if it went on
    after that round or still goes on, when it began: a chunk takes seconds, a retry hours.
    """
    at_once = max(0, int(row["sent"]) - len(again))
    longer = bool(again) or later or row["done_at"] is None
    end = row["first_at"] if longer and row["first_at"] is not None else row["done_at"]
    found = Counter({end: at_once} if end is not None and at_once else {})
    found.update(again[: int(row["sent"])])
    return found


def tallied(row: Mapping[Any, Any], again: Sequence[datetime], *, later: bool = False) -> Tallied:
    """Return what a closed batch adds; ``again`` and ``later`` as in :func:`told_at`."""
    begin, goal = began(row), GOALS.get(row["lane"], GOALS[Lane.NORMAL])
    spans: Counter[timedelta] = Counter()
    for at, count in told_at(row, again, later=later).items():
        spans[max(at - begin, timedelta())] += count
    buckets: Counter[int] = Counter()
    for span, count in spans.items():
        buckets[next((one for one in BUCKETS if span.total_seconds() <= one), 0)] += count
    kept = sum(count for span, count in spans.items() if span <= goal)
    return Tallied(
        buckets, sum(int(span.total_seconds() * 1000) * count for span, count in spans.items()),
        kept, sum(spans.values()) - kept, int(row["failed"]) + int(row["expired"]),
    )  # fmt: skip


def budget_used(part: float | None) -> float | None:
    """Return which part of what may be late or lost is used up, when ``part`` kept its goal; 1: all, more: too much."""
    return (1 - part) / (1 - TARGET) if part is not None else None


def share(kept: int, late: int, lost: int) -> float | None:
    """Return which part of the deliveries kept their goal, ``None`` if there were too few to say."""
    total = kept + late + lost
    return kept / total if total >= FEWEST else None
