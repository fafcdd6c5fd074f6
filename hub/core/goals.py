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
    wanted: datetime | None = row["wanted_at"]
    made: datetime = row["created_at"]
    if wanted is not None and wanted > made + timedelta(seconds=1):
        return wanted
    seen: datetime | None = row["seen_at"]
    return seen or made


def tallied(row: Mapping[Any, Any], again: Sequence[datetime]) -> Tallied:
    """Return what a closed batch adds. ``again``: when those were told who needed more than one try.

    Those told at the first try count as told when the batch was done, or, if others were tried again after them,
    when it began: a chunk takes seconds, a retry hours.
    """
    begin, goal = began(row), GOALS.get(row["lane"], GOALS[Lane.NORMAL])
    at_once = max(0, int(row["sent"]) - len(again))
    end = row["first_at"] if again and row["first_at"] is not None else row["done_at"]
    spans = Counter({max(end - begin, timedelta()): at_once} if end is not None and at_once else {})
    spans.update(max(at - begin, timedelta()) for at in again[: int(row["sent"])])
    buckets: Counter[int] = Counter()
    for span, count in spans.items():
        buckets[next((one for one in BUCKETS if span.total_seconds() <= one), 0)] += count
    kept = sum(count for span, count in spans.items() if span <= goal)
    return Tallied(
        buckets, sum(int(span.total_seconds() * 1000) * count for span, count in spans.items()),
        kept, sum(spans.values()) - kept, int(row["failed"]) + int(row["expired"]),
    )  # fmt: skip


def share(kept: int, late: int, lost: int) -> float | None:
    """Return which part of the deliveries kept their goal, ``None`` if there were too few to say."""
    total = kept + late + lost
    return kept / total if total >= FEWEST else None
