"""Overdue: everything that was released must have gone out, and what went out be where it belongs (F-07)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import Decision
from hub.core.codec import from_json
from hub.core.losses import GRACE, WINDOW, Sort, waits
from hub.core.message import Change
from hub.jobs import issue
from hub.jobs.judge import content, published
from hub.jobs.tell import id_in, lane_of
from hub.store import drafts, notices, publications

if TYPE_CHECKING:
    from hub.jobs.watch import Round


def look(this: Round) -> None:
    """Wake what should have gone out a minute ago; hand on once more what was published and is missing."""
    with this.house.store.begin() as session:
        for row in drafts.overdue(session, this.now - GRACE):
            if waits(row["due_at"], this.since, this.now) < GRACE:
                continue
            this.wake(session, "release", row["id"], lane_of(content(row).severity))
            this.found(
                Sort.OVERDUE, row["id"], mended=False, title=row["title"][:80], since=row["due_at"].isoformat()
            )  # fmt: skip
        for row in drafts.sent(session, this.now - WINDOW):
            _mend(this, session, row)


def _mend(this: Round, session: Session, row: RowMapping) -> None:
    """Look in each municipality that a draft was published in whether its notice is there and was handed on."""
    draft = published(row)
    if draft is None:
        return
    for town in draft.towns:
        there = notices.get(session, town, id_in(row, town))
        if there is not None and publications.is_there(session, there["id"], there["revision"]):
            continue
        if there is None:
            issue.repeat(this.house, session, row)
        else:
            _hand_on(this, session, town, there)
        this.found(Sort.VANISHED, f"{row['id']}:{town}", mended=False, title=row["title"][:80], town=town)


def _hand_on(this: Round, session: Session, town: str, there: Any) -> None:
    """Make the publication of a revision that has none."""
    notice, found = from_json(there["content"]), notices.revision(session, there["id"], there["revision"])
    change = Change(found["change"]) if found is not None else Change.REVISED
    decision = Decision(change, notice, there["revision"], (), announce=found is None or found["announce"])
    made = publications.add(session, town, notice, decision, this.now)
    this.wake(session, "publish", made, lane_of(notice.severity))
