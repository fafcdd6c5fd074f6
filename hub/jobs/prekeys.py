"""Prekeys: in idle time, do the costly half of an emergency push for those who hear of warnings at once.

fill() = forget what is old or too many -> read who has none -> make -> keep, a page in each transaction, as long as
nothing waits to be sent.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from hub.jobs.house import House
from hub.store import batches, lines, prekeys
from push.webpush.crypto import make_prekey
from push.webpush.subscription import unpacked

PAGE = 50  # made at a time: some 10 ms during which a message may have to wait for Python's lock
MOST = 2000  # made in one tick
LIVES = timedelta(days=30)  # then another is made: what lies about for long is seen by more eyes

log = structlog.get_logger(__name__)


def fill(house: House, *, most: int = MOST) -> int:
    """Make up to ``most`` prekeys, ``house.prekeys`` in all; returns how many. Safe to repeat and to break off."""
    made, kept, after = 0, _tidy(house), 0
    while made < most and kept < house.prekeys and _is_idle(house):
        with house.store.read() as session:
            page = prekeys.wanting(session, min(PAGE, most - made, house.prekeys - kept), after=after)
        if not page:
            break
        after = page[-1].id
        fresh: dict[int, bytes] = {}
        for row in page:
            try:
                fresh[row.id] = make_prekey(*unpacked(row.known))
            except ValueError:
                log.warning("no prekey can be made for a device", endpoint=row.id)
        with house.store.begin() as session:
            count = prekeys.put(session, fresh, house.now())
        made, kept = made + count, kept + count
    return made


def _tidy(house: House) -> int:
    """Forget those that are old, or all where none are wanted (any more); returns how many there are."""
    cut = house.now() - LIVES
    with house.store.read() as session:
        kept, oldest = prekeys.count(session), prekeys.oldest(session)
    if oldest is None or (house.prekeys and oldest >= cut):
        return kept
    with house.store.begin() as session:
        prekeys.forget(session, cut if house.prekeys else None)
        return prekeys.count(session)


def _is_idle(house: House) -> bool:
    if house.stopping() or house.engine.urgent():
        return False
    with house.store.read() as session:
        return not lines.urgent_waits(session, house.now()) and not batches.due(session, house.now(), most=1)
