"""Which incidents of a source are open, which must be opened or ended now. Pure.

An incident is told once when it begins and once when it is over. It lasts as long as its cause: a broken one until
the run of failures ends that began it, a silence until an answer was believed again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub.core.desk import incident_key
from hub.core.health import QUARANTINE, Health, State, ends_soon, silent_after


class Sort(StrEnum):
    """What an incident is about. All are for the editor but ``SILENT``, which is for the subscribers."""

    BROKEN = "broken"  # three failures in a row
    HELD = "held"  # the source answers, but what it says waits for the editor's word
    ENDS = "ends"  # its calendar ends within 14 days and nothing follows
    SILENT = "silent"  # nothing believable for so long that those who rely on it must know


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do now: begin incidents of these keys, by sort, and end those that are open under these keys."""

    begin: tuple[tuple[Sort, str], ...] = ()
    end: tuple[str, ...] = ()


def sort_of(key: str) -> Sort:
    """Return what the incident called ``key`` is about."""
    return Sort(key.split(":")[2])


def turn(
    row: Mapping[Any, Any], health: Health, waiting: int, open_keys: Collection[str], now: datetime,
    *, edited: bool = True,
) -> Turn:  # fmt: skip
    """Decide for the source with this ``row``.

    ``waiting`` counts its held items, ``open_keys`` are those of its incidents that are told and not over, ``edited``
    says whether an editor can be told at all. A paused source is left as it is: who paused it knows.
    """
    if health.state is State.PAUSED:
        return Turn()
    run = incident_key(row["id"], Sort.BROKEN, _since(Sort.BROKEN, row, now))
    end = tuple(
        key for key in open_keys if _over(sort_of(key), row, health, waiting, now) or (_is_broken(key) and key != run)
    )
    lasting = {sort_of(key) for key in open_keys if key not in end}
    begin = tuple(
        (sort, incident_key(row["id"], sort, _since(sort, row, now)))
        for sort in Sort
        if sort not in lasting and (edited or sort is Sort.SILENT) and _begun(sort, row, health, waiting, now)
    )
    return Turn(begin, end)


def _since(sort: Sort, row: Mapping[Any, Any], now: datetime) -> str:
    """Return when an incident began, as its key says it."""
    known = {Sort.BROKEN: row["broken_since"] or row["succeeded_at"], Sort.SILENT: row["succeeded_at"]}.get(sort)
    return (known or now).isoformat()


def _begun(sort: Sort, row: Mapping[Any, Any], health: Health, waiting: int, now: datetime) -> bool:
    match sort:
        case Sort.BROKEN:
            return bool(row["failures"] >= QUARANTINE)
        case Sort.HELD:
            return bool(row["doubt"] or waiting)
        case Sort.ENDS:
            return ends_soon(health.last_date, now)
        case Sort.SILENT:
            return health.state is State.SILENT and _tried_in_vain(row)


def _tried_in_vain(row: Mapping[Any, Any]) -> bool:
    """Whether we asked and got nothing for so long; that we ourselves stood still is no silence of the source."""
    polled, succeeded = row["polled_at"], row["succeeded_at"]
    return bool((row["failures"] or row["doubt"]) and polled - succeeded >= silent_after(row))


def _is_broken(key: str) -> bool:
    return sort_of(key) is Sort.BROKEN


def _over(sort: Sort, row: Mapping[Any, Any], health: Health, waiting: int, now: datetime) -> bool:
    match sort:
        case Sort.BROKEN:
            return not row["failures"]
        case Sort.HELD:
            return not row["doubt"] and not waiting
        case Sort.ENDS:
            return health.last_date is not None and not ends_soon(health.last_date, now)
        case Sort.SILENT:
            return health.data_age is not None and health.data_age < silent_after(row)
