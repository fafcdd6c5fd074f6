"""Sweep: find what a crash left behind and wake it again (promise 2); forget what nobody needs."""

from __future__ import annotations

from datetime import timedelta

from hub.core.fanout import Lane
from hub.failpoints import reached
from hub.jobs import attach, correspond, erase
from hub.jobs.house import House
from hub.jobs.subscribe import ASK_AGAIN
from hub.store import (
    alarms,
    answers,
    batches,
    drafts,
    editors,
    erasing,
    feeds,
    held,
    interests,
    letters,
    mailboxes,
    moves,
    mutes,
    polls,
    publications,
    retention,
    signins,
)

UNCONFIRMED_LIVES = timedelta(hours=48)
HISTORY_LIVES = timedelta(days=90)  # rulings on held items
DELIVERIES_LIVE = timedelta(days=30)
POLLS_LIVE = timedelta(days=70)  # until the month's report is closed; nobody is in them
REPORTS_LIVE = timedelta(days=90)  # so long an editor has to answer a reader
LETTERS_LIVE = timedelta(days=30)  # beyond their own end
TOUCHES_LIVE = timedelta(hours=1)  # no calendar is kept longer
FORGOTTEN = "forget"  # the mark of the day's round


def sweep(house: House, _subject: str = "") -> int:
    """Wake every open publication, due batch and new interest; returns how many were woken."""
    with house.store.begin() as session:
        waiting = publications.waiting(session, house.now())
        for publication_id, lane in waiting:
            house.engine.defer(session, "publish", str(publication_id), lane=lane)
        reached("sweep.publications-woken")
        due = batches.due(session, house.now())
        for batch_id, lane in due:
            house.engine.defer(session, "deliver", str(batch_id), lane=lane)
        written = correspond.wake(house, session)
        reached("sweep.batches-woken")
        fresh = interests.unfilled(session)
        for interest_id in fresh:
            house.engine.defer(session, "backfill", str(interest_id), lane=Lane.TRANSACTIONAL)
    reached("sweep.committed")
    return len(waiting) + len(due) + written + len(fresh)


def retain(house: House, _subject: str = "") -> None:
    """Delete sign-ups that were never confirmed within 48 hours, old reports, and the history of sources (T-04)."""
    with house.store.begin() as session:
        polls.forget(session, house.now() - POLLS_LIVE)
        reached("retain.polls-forgotten")
        held.forget(session, house.now() - HISTORY_LIVES)
        editors.forget_reports(session, house.now() - REPORTS_LIVE)
        feeds.forget(session, house.now() - TOUCHES_LIVE)
        erasing.forget_unconfirmed(session, house.now() - UNCONFIRMED_LIVES, house.now())
        mailboxes.forget_asks(session, house.now() - ASK_AGAIN)
        mutes.forget(session, house.now())
        signins.forget(session, house.now())
        letters.forget(session, house.now() - LETTERS_LIVE)
        moves.forget(session, house.now())
        answers.forget(session, house.now())
        reached("retain.unconfirmed-forgotten")


def forget(house: House, _subject: str = "") -> None:
    """Delete what was told more than 30 days ago (T-04), a page in each transaction: nobody waits for it.

    What a cancellation still needs stays: the batches of notices that hold.
    """
    attach.forget(house)
    cut = house.now() - DELIVERIES_LIVE
    position: int | None = 0
    while position is not None and not house.stopping():
        with house.store.begin() as session:
            position = retention.forget_batches(session, cut, position)
    for page in retention.PAGES:
        deleted = 1
        while deleted and not house.stopping():
            with house.store.begin() as session:
                deleted = page(session, cut)
    with house.store.begin() as session:
        drafts.forget(session, house.now())
    erase.forget(house)
    with house.store.begin() as session:
        alarms.ran(session, FORGOTTEN, house.now())
