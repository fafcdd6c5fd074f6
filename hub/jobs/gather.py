"""Gather: poll one source and store what is new, together with its validators, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import health
from hub.core.errors import SourceError, SourceUnreachable, StoreError
from hub.core.fanout import Lane
from hub.core.source import Fetched, NotModified
from hub.failpoints import reached
from hub.jobs import take
from hub.jobs.house import House
from hub.store import outlook, polls, sources
from hub.store.polls import PollOutcome

_LEASE = timedelta(minutes=2)  # longer than a slow source may take in all

log = structlog.get_logger(__name__)


def gather_due(house: House) -> int:
    """Wake one job for each source that is due; returns how many."""
    with house.store.begin() as session:
        due = sources.due(session, house.now())
        for source_id in due:
            house.engine.defer(session, "gather", source_id, lane=Lane.GATHER)
        reached("gather.woken")
    return len(due)


def gather(house: House, source_id: str) -> None:
    """Claim the source, fetch and parse it outside any transaction, store in one.

    An expected error becomes the source's fault; an unexpected one too, so that no source stops another.
    """
    with house.store.begin() as session:
        row = sources.claim(session, source_id, house.owner, house.now(), _LEASE)
    if row is None:
        return
    reached("gather.claimed")
    source, bound = sources.from_row(row), log.bind(source=source_id, kind=row["kind"])
    try:
        read = house.gatherer.fetch(source, sources.state_from_json(row["state"]))
        reached("gather.fetched")
        if isinstance(read, Fetched):
            parsed = house.gatherer.parse(read)
            reached("gather.parsed")
            take.take(house, row, source, read, parsed)
        else:
            _rest(house, row, read)
        reached("gather.stored")
    except StoreError:
        raise  # the database's trouble is no fault of the source; the lease ends by itself
    except SourceError as error:
        bound.warning("source refused", fault=str(error))
        _fail(house, row, error)
    except Exception as error:  # noqa: BLE001 - a stranger's data; one source must not stop the others
        bound.exception("source failed unexpectedly")
        _fail(house, row, SourceError(f"unexpected: {type(error).__name__}"))
    else:
        bound.info("source polled", modified=isinstance(read, Fetched))


def _fail(house: House, row: RowMapping, error: SourceError) -> None:
    """Keep the last good state, wait longer each time, and as long as the server asked."""
    asked = error.retry_after if isinstance(error, SourceUnreachable) else None
    failures, now = row["failures"] + 1, house.now()
    with house.store.begin() as session:
        wait = health.backoff(failures, row["interval"], asked, house.jitter())
        kept = sources.fail(session, row, fault=str(error), now=now, next_poll_at=now + wait)
        if not kept:
            session.rollback()
            return
        polls.add(session, row["id"], now, PollOutcome.FAILED, label=error.label, detail=str(error))
        failed = {**row, "failures": failures}
        if failures in (1, health.QUARANTINE) or health.state(failed, now).state is health.State.SILENT:
            house.engine.defer(session, "tend", row["id"])
        reached("gather.failed")


def _rest(house: House, row: RowMapping, read: NotModified) -> None:
    """Record that nothing is new: the last good state is what holds, so a doubt or a failure is over."""
    now = house.now()
    with house.store.begin() as session:
        accepted = sources.Doubting("", row["doubt_hash"], row["doubt_polls"]) if not row["doubt"] else None
        kept = sources.succeed(
            session, row, state=read.state, now=now, doubting=accepted,
            next_poll_at=take.next_poll(house, row, read.fresh_for),
        )  # fmt: skip
        if not kept:
            session.rollback()
            return
        healed = take.was_unwell(row)
        if healed:
            polls.add(session, row["id"], now, PollOutcome.HEALED)
        if healed or _ends(session, row, now):
            house.engine.defer(session, "tend", row["id"])
        reached("gather.rested")


def _ends(session: Session, row: RowMapping, now: datetime) -> bool:
    """Whether the calendar of an unchanged source ends soon; looked up once a day, most polls change nothing."""
    last = row["succeeded_at"]
    if last is not None and last.date() == now.date():
        return False
    return health.ends_soon(outlook.last_date(session, row["id"]), now)
