"""Reunite: a town moves to where a part of its people has been before it, and becomes one page with theirs again.

Between the moves of their towns people have a page on each side and may change both. What they ended or revoked on
either side stays so there; what they still get from one side must not end because they wanted less of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.store import addresses, endpoints, subscribers

_LIVING = ("active", "pending")
_REFUSED = ("left", "complained")  # why an endpoint ended: its person wanted no more of it
Ways = Mapping[int, RowMapping]  # a person's endpoints by id


def reunite(old: Session, new: Session, town: str, people: Iterable[int]) -> None:
    """Let ``people``, who are there for another town's sake, be what they have become on both sides.

    The rows of ``town`` are there already; ``store.routes`` must be told afterwards.
    """
    for person in people:
        before, here = subscribers.get(old, person), subscribers.get(new, person)
        if before is None or here is None:
            continue
        if before["generation"] > here["generation"]:  # a link that was revoked on one side opens nothing on the other
            subscribers.change(new, person, generation=before["generation"])
        _ways(new, town, person, endpoints.ever(old, person), endpoints.ever(new, person))


def _ways(new: Session, town: str, person: int, there: Ways, here: Ways) -> None:
    """Settle where messages go: ``there`` is what was on the old side, ``here`` what is on the new one."""
    changed = {row["replaces"] for row in there.values() if row["state"] == "active"}
    for number in sorted(changed & here.keys()):  # of an address that was changed there, both would get everything
        if there[number]["state"] not in _LIVING and here[number]["state"] in _LIVING:
            row = there[number]
            subscribers.end_endpoints(new, [number], row["ended_at"], state=row["state"], why=row["ended_why"])
    others = {one["town"] for one in subscribers.subscriptions(new, person)} - {town}
    for channel in sorted(_refused(there)):
        addresses.drop_ways(new, person, channel, [town])
    for channel in sorted(_refused(here) - _refused(there)):
        addresses.drop_ways(new, person, channel, others)
        for number, row in there.items():
            if row["channel"] == channel and row["state"] == "active":
                subscribers.revive(new, number, address=row["address"], service=row["service"], keys=row["keys"])


def _refused(ways: Ways) -> set[str]:
    """Return the channels on which a person wants nothing any more."""
    ended = {row["channel"] for row in ways.values() if row["ended_why"] in _REFUSED}
    return ended - {row["channel"] for row in ways.values() if row["state"] in _LIVING}
