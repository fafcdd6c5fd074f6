"""Watch: has anything been lost? Every half minute all that is open, and what is recent, is gone through.

What can be repaired without harm is repaired and counted (at worst a message is sent twice, which no screen shows);
for what cannot, an alarm begins. Its end is noticed by the next round that no longer finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.errors import StoreError
from hub.core.fanout import Lane
from hub.core.ledger import SPARED
from hub.core.lifesigns import ROLES, absent
from hub.core.losses import (
    EVERY,
    GRACE,
    LATE_SOURCE,
    WINDOW,
    Loss,
    Sort,
    is_mended,
    marked_too_many,
    waits,
)  # fmt: skip
from hub.core.schedule import next_wall
from hub.jobs import canary, overdue, shadow, tallying
from hub.jobs.house import House
from hub.sources import display_name
from hub.store import alarms, heartbeats, ledger, losses, mending, notices

log = structlog.get_logger(__name__)
_HOUR, _DAY = timedelta(hours=1), timedelta(hours=26)
_MOST = 20  # of one sort are named; the rest would only fill the log


@dataclass
class Round:
    """One round: the time, since when the watch has run without a gap, and what it found."""

    house: House
    now: datetime
    since: datetime
    losses: list[Loss] = field(default_factory=list)

    def found(self, sort: Sort, about: object, *, mended: bool, **given: str | int) -> None:
        """Note a loss."""
        self.losses.append(Loss(sort, str(about), given, mended))

    def wake(self, session: Session, job: str, subject: object, lane: str = Lane.NORMAL) -> None:
        """Wake a job once more."""
        self.house.engine.defer(session, job, str(subject), lane=lane)


def watch(house: House, *, at_once: bool = False) -> Sequence[Loss]:
    """Go one round if it is time (``at_once``: in any case); returns what was found, mended or not."""
    now = house.now()
    with house.store.begin() as session:
        last = alarms.marks(session).get("watch")
        if not at_once and last is not None and timedelta() <= now - last["at"] < EVERY:
            return ()
        # The round of this tick is claimed by its mark, so that of two tickers only one goes it.
        this = Round(house, now, alarms.ran(session, "watch", now))
    failed = [name for name, check in _CHECKS.items() if not _carried_out(check, this, name)]
    with house.store.begin() as session:
        examined = set(Sort) - ROLES if not failed else set()
        begun = alarms.note(session, _few(this.losses), examined, now)
        alarms.ran(session, "mended", now, count=sum(one.mended for one in this.losses))
        alarms.ran(session, "lost", now, count=len(begun))
    for one in this.losses:
        if one.mended:
            log.warning("loss mended", sort=one.sort.value, about=one.about, what=one.sentence)
    for sentence in begun:
        log.error("alarm", what=sentence)
    return this.losses


def _carried_out(check: Callable[[Round], None], this: Round, name: str) -> bool:
    """Run one check; one that breaks does not stop the others, and ends no alarm."""
    try:
        check(this)
    except StoreError as error:
        log.warning("a check could not be made", check=name, error=str(error))
        return False
    except Exception:
        log.exception("a check broke", check=name)
        return False
    return True


def _few(found: Sequence[Loss]) -> list[Loss]:
    """Return at most so many of each sort."""
    kept: dict[Sort, list[Loss]] = {}
    for one in found:
        if not one.mended:
            kept.setdefault(one.sort, []).append(one)
    return [one for several in kept.values() for one in several[:_MOST]]


def title(session: Session, municipality: str, notice_id: str) -> str:
    """Return what a notice is called."""
    row = notices.get(session, municipality, notice_id)
    return from_json(row["content"]).title[:80] if row is not None else notice_id


def _publications(this: Round) -> None:
    with this.house.store.begin() as session:
        for row in losses.publications(session, this.now - GRACE):
            waited = waits(row["created_at"], this.since, this.now)
            if waited < GRACE:
                continue
            this.wake(session, "publish", row["id"], row["lane"])
            this.found(
                Sort.PUBLICATION, row["id"], mended=is_mended(waited, urgent=row["lane"] == Lane.EMERGENCY),
                title=title(session, row["municipality_id"], row["notice_id"]), since=row["created_at"].isoformat(),
            )  # fmt: skip
        for row in losses.orphans(session, this.now - WINDOW):
            this.found(
                Sort.REVISION, f"{row['notice_id']}:{row['revision']}", mended=False, title=row["notice_id"],
                revision=row["revision"],
            )  # fmt: skip


def _open_batches(this: Round) -> None:
    now = this.now
    with this.house.store.begin() as session:
        for row in losses.unknown_states(session):
            mending.reopen(session, row["id"], now)
            this.found(Sort.STATE, row["id"], mended=True, batch=row["id"], state=row["state"])
        for row in losses.seized(session, now):
            mending.reopen(session, row["id"], now)
            this.found(Sort.LEASE, row["id"], mended=True, batch=row["id"], since=row["lease_until"].isoformat())
        for row in losses.postponed(session, now):
            mending.due_now(session, row["id"], now)
            this.found(Sort.POSTPONED, row["id"], mended=True, batch=row["id"], since=row["due_at"].isoformat())
        for row in losses.stuck(session, now - GRACE, now):
            _stuck(this, session, row)
        for row in losses.retries(session, now - GRACE, now):
            mending.due_now(session, row["id"], now)
            this.wake(session, "deliver", row["id"], row["lane"])
            this.found(
                Sort.RETRY, row["id"], mended=True, batch=row["id"], count=row["waiting"],
                since=row["since"].isoformat(),
            )  # fmt: skip
    _cursors(this)


def _stuck(this: Round, session: Session, row: RowMapping) -> None:
    waited = waits(row["due_at"], this.since, this.now)
    if waited < GRACE:
        return
    known = row["lane"] in set(Lane)
    this.wake(session, "deliver", row["id"], row["lane"] if known else Lane.NORMAL)
    this.found(
        Sort.STUCK, row["id"], mended=known and is_mended(waited, urgent=row["lane"] == Lane.EMERGENCY),
        batch=row["id"], lane=row["lane"], count=row["size"] - row["cursor"], since=row["due_at"].isoformat(),
    )  # fmt: skip


def _cursors(this: Round) -> None:
    """Put cursors right: before them stand those who have an end or wait for a retry, no more and no fewer."""
    with this.house.store.begin() as session:
        for row in losses.begun(session, this.now):
            accounted = row["settled"] + row["waiting"]
            if accounted > row["size"]:
                mending.forget_retries(session, row["id"])
            if row["settled"] >= row["size"]:
                mending.close(session, row["id"], this.now)
            else:
                mending.reopen(session, row["id"], this.now, cursor=min(accounted, row["size"]))
                this.wake(session, "deliver", row["id"], row["lane"])
            this.found(
                Sort.CURSOR, row["id"], mended=True, batch=row["id"], cursor=row["cursor"], count=accounted
            )  # fmt: skip


def _closed_batches(this: Round) -> None:
    with this.house.store.begin() as session:
        for row in losses.unsettled(session, this.now - WINDOW):
            left, accounted = row["size"] - row["settled"], row["settled"] + row["waiting"]
            # Whom nobody reached yet can still be told, from where the counts say that somebody came.
            again = left > 0 and accounted <= row["size"] and row["valid_until"] > this.now
            if again:
                mending.reopen(session, row["id"], this.now, cursor=accounted)
                this.wake(session, "deliver", row["id"], row["lane"])
            this.found(Sort.SUM, row["id"], mended=again, batch=row["id"], count=left, size=row["size"])
        for row in losses.shrunken(session, this.now - WINDOW):
            this.found(
                Sort.IDS, row["id"], mended=False, batch=row["id"], size=row["size"], count=row["bytes"] // 4
            )  # fmt: skip


def _people(this: Round) -> None:
    """Compare the batches with who is meant, found again from the subscriptions; then every account."""
    shadow.compare(this)
    with this.house.store.read() as session:
        for one in ledger.accounts(session, since=this.now - WINDOW, most=losses.MOST):
            if not one.balanced:
                this.found(
                    Sort.ACCOUNT, f"{one.notice_id}:{one.revision}", mended=False, title=one.title, meant=one.meant,
                    count=abs(one.missing), **{name: getattr(one, name) for name in SPARED},
                )  # fmt: skip


def _regular(this: Round) -> None:
    """Look whether reminders and digests go out at their time."""
    before = this.now - GRACE
    with this.house.store.begin() as session:
        asked: tuple[tuple[Sort, str, Callable[[Session, datetime], tuple[int, datetime | None]]], ...] = (
            (Sort.REMINDER, "remind", losses.overdue_reminders), (Sort.DIGEST, "digest", losses.overdue_digests),
        )  # fmt: skip
        for sort, job, question in asked:
            count, oldest = question(session, before)
            if oldest is not None and (waited := waits(oldest, this.since, this.now)) >= GRACE:
                this.wake(session, job, "")
                this.found(sort, "", mended=is_mended(waited), count=count, since=oldest.isoformat())
        for row in losses.far_digests(session, this.now + _DAY):
            at = next_wall(this.now, time.fromisoformat(row["digest_at"]), row["zone"])
            mending.digest_at(session, row["id"], at)
            this.found(Sort.DIGEST, row["id"], mended=True, count=1, since=row["next_digest_at"].isoformat())
        stranded = losses.stranded_entries(session)
        if stranded:
            mending.unbind(session, stranded)
            this.found(Sort.ENTRY, "stranded", mended=True, count=len(stranded))


def _sources(this: Round) -> None:
    with this.house.store.read() as session:
        for row in losses.unread_sources(session, this.now - LATE_SOURCE, this.now):
            if waits(row["next_poll_at"], this.since, this.now) >= LATE_SOURCE:
                this.found(
                    Sort.SOURCE, row["id"], mended=False, title=display_name(row["name"], row["url"]),
                    since=row["next_poll_at"].isoformat(),
                )  # fmt: skip


def _engine(this: Round) -> None:
    fault = this.house.engine.health()
    if fault:
        this.found(Sort.ENGINE, "health", mended=False, detail=fault)
    with this.house.store.read() as session:
        marked, tried = losses.marked(session, this.now - _HOUR)
    if marked_too_many(marked, tried):
        this.found(Sort.MARKED, "", mended=False, count=marked, size=tried)


def _tallies(this: Round) -> None:
    for row in tallying.tally(this.house):
        this.found(Sort.EXPIRED, row["id"], mended=False, batch=row["id"], count=row["expired"])


def _canaries(this: Round) -> None:
    for row in canary.overdue(this.house, this.since):
        since = row["proved_at"] or row["waits_since"]
        this.found(
            Sort.CANARY, f"{row['municipality_id']}:{row['channel']}", mended=False, channel=row["channel"],
            since=since.isoformat(), detail=row["fault"] or "?",
        )  # fmt: skip


_CHECKS: dict[str, Callable[[Round], None]] = {
    "publications": _publications, "open batches": _open_batches, "closed batches": _closed_batches,
    "people": _people, "regular": _regular, "sources": _sources, "engine": _engine, "tallies": _tallies,
    "canaries": _canaries, "released": overdue.look,
}  # fmt: skip


def second_look(house: House) -> list[str]:
    """Look from any living process whether the others live, the scheduler ticks and the watch goes its rounds (C-09).

    Returns the sentences of all alarms that hold. Raises ``StoreError``.
    """
    now = house.now()
    with house.store.read() as session:  # most often all is as it was, and nobody need wait for the writer
        found = absent(heartbeats.listed(session), alarms.marks(session), now)
        known = alarms.current(session)
    of_roles = {row["key"] for row in known if Sort(row["kind"]) in ROLES}
    if {one.key for one in found if not one.mended} == of_roles:
        return [str(row["sentence"]) for row in known]
    with house.store.begin() as session:
        begun = alarms.note(session, found, ROLES, now)
        sentences = [str(row["sentence"]) for row in alarms.current(session)]
    for sentence in begun:
        log.error("alarm", what=sentence)
    return sentences
