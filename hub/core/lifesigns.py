"""Who should be alive and is not: processes by their heartbeats, the scheduler by its marks (C-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.core.losses import DEAD, EVERY, Loss, Sort

ROLES = frozenset({Sort.HEARTBEAT, Sort.SCHEDULER, Sort.WORKER})
_TICKS, _WORKS = frozenset({"serve", "tick"}), frozenset({"serve", "work"})
_FORGOTTEN = timedelta(days=1)
_UNWATCHED = 3 * EVERY  # a mark of the watch older than this: nobody ticks


def absent(signs: Sequence[Mapping[Any, Any]], marks: Mapping[str, Mapping[Any, Any]], now: datetime) -> list[Loss]:
    """Return the processes that died without a word and have no successor, and the roles that nobody has.

    ``signs``: rows with ``name``, ``role``, ``lanes``, ``started_at`` and ``at``; who ends in order takes theirs
    away. ``marks``: of what runs regularly, ``watch`` among them.
    """
    known = [one for one in signs if one["at"] > now - _FORGOTTEN]
    living = [one for one in known if now - one["at"] <= DEAD]
    found = [
        Loss(
            Sort.HEARTBEAT, str(one["name"]),
            {"name": str(one["name"]), "role": str(one["role"]), "since": one["at"].isoformat()},
        )
        for one in known if one not in living and not _succeeded(one, living)
    ]  # fmt: skip
    watched = marks.get("watch")
    if watched is not None and now - watched["at"] > _UNWATCHED:
        found.append(_nobody(Sort.SCHEDULER, watched["at"]))
    elif (since := _without(_TICKS, known, living, now)) is not None:
        found.append(_nobody(Sort.SCHEDULER, since))
    if (since := _without(_WORKS, known, living, now)) is not None:
        found.append(_nobody(Sort.WORKER, since))
    return found


def _succeeded(dead: Mapping[Any, Any], living: Sequence[Mapping[Any, Any]]) -> bool:
    """Whether a process of the same work was started after another's last sign: it was replaced."""
    return any(
        (one["role"], one["lanes"]) == (dead["role"], dead["lanes"]) and one["started_at"] >= dead["at"]
        for one in living
    )


def _without(
    roles: frozenset[str], known: Sequence[Mapping[Any, Any]], living: Sequence[Mapping[Any, Any]], now: datetime
) -> datetime | None:
    """Return since when nobody has had one of ``roles``; ``None`` if somebody has, or none was ever heard of."""
    if not known or any(one["role"] in roles for one in living):
        return None
    last: list[datetime] = [one["at"] for one in known if one["role"] in roles]
    since: datetime = max(last) if last else min(one["started_at"] for one in known)
    return since if now - since > DEAD else None


def _nobody(sort: Sort, since: datetime) -> Loss:
    return Loss(sort, "", {"since": since.isoformat()})
