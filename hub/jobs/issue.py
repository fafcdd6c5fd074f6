"""Issue: what was released goes out when its time has come, one transaction for each, and is checked once more.

scheduled -> due -> may it still go? -> told in every municipality, published, step written -> publications woken
                 -> it may not: a draft again, an alarm, a letter to who wrote and who released it
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.draft import from_json
from hub.core.losses import Loss, Sort
from hub.core.release import Refusal, State, unsanctioned
from hub.failpoints import reached
from hub.jobs import inform
from hub.jobs.house import House
from hub.jobs.judge import content, published, steps_of, work_of
from hub.jobs.record import record
from hub.jobs.tell import lane_of, tell
from hub.store import alarms, drafts

MARK = "release"  # when somebody last looked for what is due
_BEAT = 30.0  # seconds

log = structlog.get_logger(__name__)


def release_due(house: House) -> int:
    """Wake every draft whose time has come; returns how many. The engine was asked to already; it may have died."""
    now = house.now()
    with house.store.read() as session:
        due = drafts.due(session, now)
        mark = alarms.marks(session).get(MARK)
    stale = mark is None or not 0 <= (now - mark["at"]).total_seconds() < _BEAT
    if not due and not stale:
        return 0
    with house.store.begin() as session:
        for draft_id in due:
            row = drafts.by_id(session, draft_id)
            lane = lane_of(content(row).severity) if row is not None else "normal"
            house.engine.defer(session, "release", str(draft_id), lane=lane)
        reached("release.woken")
        if stale:
            alarms.ran(session, MARK, now)
    return len(due)


def issue(house: House, subject: str) -> None:
    """Let one draft go out if it is due and may; safe to repeat, by several at a time and after a death anywhere."""
    now = house.now()
    with house.store.begin() as session:
        row = drafts.locked(session, int(subject))
        if row is None or row["state"] != State.SCHEDULED or row["due_at"] is None or row["due_at"] > now:
            return
        why = unsanctioned(work_of(session, row, now), steps_of(session, row), now)
        reached("release.checked")
        if why is None:
            _publish(house, session, row, now)
        else:
            hold(house, session, row, why)
        reached("release.issued")


def _publish(house: House, session: Session, row: RowMapping, now: datetime) -> None:
    draft, before = content(row), published(row)
    dropped = set(before.towns) - set(draft.towns) if before is not None else set()
    moved = drafts.move(
        session, row, State.PUBLISHED, revision=row["revision"] + 1, published=row["content"], published_at=now
    )
    if not moved:
        return  # somebody was quicker
    reached("release.moved")
    tell(house, session, row, draft, over=sorted(dropped))
    drafts.step(session, row, drafts.SENT, 0, now)
    for town in draft.towns:
        record(
            house, session, "", "notice.sent", municipality=town, subject=f"draft:{row['id']}",
            revision=str(row["revision"] + 1), hash=row["hash"],
        )  # fmt: skip


def hold(house: House, session: Session, row: RowMapping, why: Refusal) -> None:
    """Let what was to go out be a draft again, and say so to everybody who must know."""
    now = house.now()
    if not drafts.move(session, row, State.DRAFT):
        return
    drafts.step(session, row, drafts.HELD, 0, now, reason=why.value)
    record(
        house, session, "", "notice.held", municipality=row["municipality_id"], subject=f"draft:{row['id']}",
        why=why.value,
    )  # fmt: skip
    inform.held(house, session, row, why)
    due = row["due_at"] or now
    given = {"title": row["title"][:80], "since": due.isoformat(), "detail": why.value}
    begun = alarms.note(session, [Loss(Sort.UNSENT, f"{row['id']}:{row['version']}", given)], (), now)
    for sentence in begun:
        log.error("alarm", what=sentence)


def repeat(house: House, session: Session, row: RowMapping) -> None:
    """Tell once more what is published of a draft; where it stands already, nothing happens."""
    tell(house, session, row, from_json(row["published"]))
