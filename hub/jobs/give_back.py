"""Give back: what one municipality calls off may still hold in another, where it is told to who was spared it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.fanout import due, lane, valid_until
from hub.core.message import Change
from hub.core.notice import Severity
from hub.jobs import fanout
from hub.jobs.house import House
from hub.store import notices, reach, recipients, sources, towns, twins

PATIENCE = timedelta(minutes=15)  # at least; of a severe warning no longer than that
_LONGEST = timedelta(hours=2)
_ROOM = timedelta(minutes=5)  # beyond the twin's next poll


def give_back(house: House, session: Session, row: Mapping[str, Any], lost: Collection[int] | None = None) -> None:
    """Let who had the notice of publication ``row``, which is over for them now, hear its twins that still hold.

    ``lost``: over only for these endpoints; left out, for all who had it.

    They were left out there. A twin is mostly called off by its own next poll, too: so long it waits, and then says
    nothing.
    """
    keys = twins.earlier_keys(session, row["notice_id"], row["revision"])
    for key in sorted(keys):
        twins.lock(session, key)
    found = twins.of(session, row["municipality_id"], row["notice_id"], keys)
    if not found:
        return
    before = twins.earlier(session, row["notice_id"], row["revision"])
    had = twins.placed(session, before)
    had = had if lost is None else had.intersection(lost)
    for one in found:
        _tell(house, session, one, had)
        if lost is None:
            twins.let_wait(session, one, twins.awaited(session, one["municipality_id"], before, sure=False))


def _tell(house: House, session: Session, one: RowMapping, had: set[int]) -> None:
    """Make batches of the twin ``one`` for those of ``had`` whom it means and who have no place in any.

    Quiet hours and pauses hold as for any news.
    """
    stored = notices.get(session, one["municipality_id"], one["notice_id"])
    town = towns.get(session, one["municipality_id"])
    if stored is None or town is None:
        return
    notice, now = from_json(stored["content"]), house.now()
    until, at = valid_until(notice, Change.NEW, now), now + _patience(session, stored)
    spared = had - twins.placed(session, [one])
    found: dict[tuple[str, str, datetime], set[int]] = defaultdict(set)
    meant = recipients.meant(session, notice.id, now)
    for each in meant.groups:
        for paused_until, ids in fanout.by_pause(spared.intersection(each.ids), meant.paused).items():
            when = due(fanout.habits(each.quiet, paused_until, town["zone"]), notice.severity, at, until)
            if ids and when is not None and when < until:
                found[each.channel, each.service, when] |= ids
    groups: fanout.Groups = {key: sorted(ids) for key, ids in found.items()}
    values = {
        "notice_id": notice.id, "revision": one["revision"], "change": Change.NEW, "valid_until": until,
        "lane": lane(Change.NEW, notice.severity), "seen_at": None,
    }  # fmt: skip
    fanout.enqueue(house, session, one["municipality_id"], groups, values)
    if twins.given_back(session, one, sum(map(len, groups.values()))):
        back: Counter[tuple[str, str]] = Counter()
        for (channel, _service, _at), whom in groups.items():
            back[channel, "doubled"] -= len(whom)
        reach.add(session, one["notice_id"], one["revision"], back)


def _patience(session: Session, stored: RowMapping) -> timedelta:
    """Return how long a twin waits for its own source to call it off."""
    source = sources.row(session, stored["source_id"]) if stored["source_id"] else None
    if source is None or stored["severity"] >= Severity.SEVERE:
        return PATIENCE
    return max(PATIENCE, min(_LONGEST, timedelta(seconds=source["interval"]) + _ROOM))
