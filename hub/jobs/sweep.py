"""Sweep: find what a crash left behind and wake it again (promise 2); forget what nobody needs."""

from __future__ import annotations

from datetime import timedelta

from hub.core.fanout import Lane
from hub.failpoints import reached
from hub.jobs.house import House
from hub.store import batches, feeds, held, interests, notices, polls, subscribers

_UNCONFIRMED_LIVES = timedelta(hours=48)
_HISTORY_LIVES = timedelta(days=90)
_TOUCHES_LIVE = timedelta(hours=1)  # no calendar is kept longer


def sweep(house: House, _subject: str = "") -> int:
    """Wake every open publication, due batch and new interest; returns how many were woken."""
    with house.store.begin() as session:
        publications = notices.open_publications(session)
        for publication_id, lane in publications:
            house.engine.defer(session, "publish", str(publication_id), lane=lane)
        reached("sweep.publications-woken")
        due = batches.due(session, house.now())
        for batch_id, lane in due:
            house.engine.defer(session, "deliver", str(batch_id), lane=lane)
        reached("sweep.batches-woken")
        fresh = interests.unfilled(session)
        for interest_id in fresh:
            house.engine.defer(session, "backfill", str(interest_id), lane=Lane.TRANSACTIONAL)
    reached("sweep.committed")
    return len(publications) + len(due) + len(fresh)


def retain(house: House, _subject: str = "") -> None:
    """Delete sign-ups that were never confirmed within 48 hours (T-04), and polls' history after 90 days."""
    with house.store.begin() as session:
        polls.forget(session, house.now() - _HISTORY_LIVES)
        reached("retain.polls-forgotten")
        held.forget(session, house.now() - _HISTORY_LIVES)
        feeds.forget(session, house.now() - _TOUCHES_LIVE)
        subscribers.forget_unconfirmed(session, house.now() - _UNCONFIRMED_LIVES)
        reached("retain.unconfirmed-forgotten")
