"""How is a source? Decided from its row, the time and the last date it knows; and when to ask a broken one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

QUARANTINE = 3  # failures in a row, after which a source is asked less and less often
END_ALARM = timedelta(days=14)  # so long before its last date a calendar without a follow-up is an alarm (S-10)
_WARNING_LATE = timedelta(minutes=5)  # a warning source that is overdue by so much
_WARNING_SILENT = timedelta(hours=1)
_SILENT_INTERVALS, _SILENT_LEAST = 3, timedelta(hours=24)
_FIRST_RETRY = timedelta(minutes=15)
_MOST_DOUBLINGS = 10
_RETRY_INTERVALS, _RETRY_BOUNDS = 6, (timedelta(minutes=15), timedelta(hours=6))
_LONGEST_RETRY_AFTER = timedelta(days=1)  # so that a mistaken Retry-After cannot silence a source for good


class State(StrEnum):
    """How a source is, the gravest that holds."""

    WAITING = "waiting"  # never read yet
    OK = "ok"
    ENDED = "ended"  # its calendar has no date beyond the next 14 days
    LATE = "late"  # nobody has read it when it was time, or its data is older than twice the interval
    DOUBTFUL = "doubtful"  # it answered, but what it says is held
    FAILING = "failing"  # one or two failures in a row
    QUARANTINED = "quarantined"  # three or more: asked less and less often
    SILENT = "silent"  # without a believed answer for so long that its subscribers must be told
    PAUSED = "paused"  # switched off by the operator


@dataclass(frozen=True, slots=True)
class Health:
    """The health of a source at one moment.

    ``since`` is when the state began, as far as it is known; ``label`` the key of its sentence
    (``source-state-quarantined``); ``data_age`` the age of the last answer that was acted on, ``None`` before the
    first; ``stale`` whether a reader must be told that age; ``last_date`` the last date of its calendar, if it has
    one.
    """

    state: State
    since: datetime | None
    label: str
    data_age: timedelta | None
    next_poll_at: datetime
    stale: bool = False
    last_date: date | None = None

    @property
    def well(self) -> bool:
        """Whether nobody need do anything."""
        return self.state in (State.OK, State.WAITING, State.PAUSED)


def state(row: Mapping[Any, Any], now: datetime, last_date: date | None = None) -> Health:
    """Return the health of the source with this ``row`` of the table ``source``.

    ``last_date`` is the last date that a calendar (waste) has, ``None`` for every other source.
    """
    succeeded: datetime | None = row["succeeded_at"]
    age = now - succeeded if succeeded is not None else None
    found, since = _gravest(row, now, age, last_date)
    return Health(
        state=found,
        since=since,
        label=f"source-state-{found.value}",
        data_age=age,
        next_poll_at=row["next_poll_at"],
        stale=age is not None and age > late_after(row) and _in_trouble(row, now),
        last_date=last_date,
    )


def _gravest(
    row: Mapping[Any, Any], now: datetime, age: timedelta | None, last_date: date | None
) -> tuple[State, datetime | None]:
    """Return the gravest state that holds and since when."""
    succeeded, trouble, failures = row["succeeded_at"], _in_trouble(row, now), row["failures"]
    holds: tuple[tuple[bool, State, datetime | None], ...] = (
        (not row["enabled"], State.PAUSED, None),
        (age is not None and trouble and age > silent_after(row), State.SILENT, succeeded),
        (failures >= QUARANTINE, State.QUARANTINED, row["broken_since"]),
        (failures > 0, State.FAILING, row["broken_since"]),
        (bool(row["doubt"]), State.DOUBTFUL, row.get("doubt_since") or succeeded),
        (succeeded is None, State.WAITING, None),
        (trouble, State.LATE, row["next_poll_at"]),
        (ends_soon(last_date, now), State.ENDED, None),
    )
    return next(((found, since) for held, found, since in holds if held), (State.OK, succeeded))


def is_warning(row: Mapping[Any, Any]) -> bool:
    """Whether a source warns people, so that minutes count."""
    return bool(row["kind"] == "cap" or row["topic"] == "warnings")


def late_after(row: Mapping[Any, Any]) -> timedelta:
    """Return from which age on a source's data is stale: warnings when overdue by 5 min, others 2 intervals (S-09)."""
    interval = timedelta(seconds=row["interval"])
    return interval + _WARNING_LATE if is_warning(row) else 2 * interval


def silent_after(row: Mapping[Any, Any]) -> timedelta:
    """Return from which age on subscribers are told: an hour for warnings, else 3 intervals, a day at least (I5)."""
    if is_warning(row):
        return max(_WARNING_SILENT, late_after(row))
    return max(_SILENT_INTERVALS * timedelta(seconds=row["interval"]), _SILENT_LEAST)


def ends_soon(last_date: date | None, now: datetime) -> bool:
    """Whether a calendar ends within 14 days and nothing follows."""
    return last_date is not None and last_date < now.date() + END_ALARM


def _in_trouble(row: Mapping[Any, Any], now: datetime) -> bool:
    """Whether old data is a fault: a source that asked us to come back tomorrow is simply not due yet."""
    overdue = now - row["next_poll_at"] > late_after(row) - timedelta(seconds=row["interval"])
    return bool(row["failures"] or row["doubt"] or overdue)


def backoff(failures: int, interval: float, retry_after: float | None, jitter: float) -> timedelta:
    """Return how long to wait after the ``failures``-th failure in a row (1 for the first).

    The first two are tried again after the interval, a quarter of an hour at most; from the third on the wait
    doubles, up to 6 intervals (15 min at least, 6 h at most). Never earlier than the server asked in
    ``Retry-After`` (seconds; RFC 9110, 10.2.3), a day at most. ``jitter`` (0 to 1) adds up to a tenth, so that
    sources that failed together do not come back together.
    """
    first = min(timedelta(seconds=interval), _FIRST_RETRY)
    least, most = _RETRY_BOUNDS
    longest = min(max(_RETRY_INTERVALS * timedelta(seconds=interval), least), most)
    doublings = min(max(0, failures - QUARANTINE + 1), _MOST_DOUBLINGS)
    wait: timedelta = min(first * 2**doublings, longest)
    if retry_after is not None:
        wait = max(wait, min(timedelta(seconds=max(0.0, retry_after)), _LONGEST_RETRY_AFTER))
    return wait * (1 + jitter / 10)
