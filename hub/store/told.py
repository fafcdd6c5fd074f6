"""The revisions of a notice, and which of them somebody was told last: what a change is a change from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from hub.store.batches import begun
from hub.store.schema import batch, bundle, notice_revision, problem

MOST_BATCHES = 60  # of up to 500 recipients each; beyond, asking who had what costs more than the answer is worth


def last_told(session: Session, notice_id: str, revision: int, endpoints: Iterable[int]) -> dict[int, int]:
    """Return for each of ``endpoints`` the newest revision before ``revision`` that it was told; left out if none.

    Empty when the notice went to so many that looking it up would be dear.
    """
    earlier = (batch.c.notice_id == notice_id, batch.c.revision < revision, batch.c.slot == "")
    if (session.scalar(select(func.count()).select_from(batch).where(*earlier)) or 0) > MOST_BATCHES:
        return {}
    query = select(
        batch.c.id, batch.c.revision, batch.c.ids, batch.c.cursor, batch.c.ahead, batch.c.runs, batch.c.state,
        batch.c.owner,
    ).where(*earlier)  # fmt: skip
    wanted, found = set(endpoints), dict[int, int]()
    for row in session.execute(query.order_by(batch.c.revision)):
        # Whom a worker may have told before it died counts as told: they must not be left with what is past.
        reached = wanted & set(row.ids[: begun(row)])
        if reached:
            failed = select(problem.c.endpoint_id).where(problem.c.batch_id == row.id, problem.c.verdict != "sent")
            found |= dict.fromkeys(reached - set(session.scalars(failed)), row.revision)
    for told, number in _bundled(session, notice_id, wanted):
        found |= {one: number for one in told if found.get(one, 0) <= number < revision}
    return found


def _bundled(session: Session, notice_id: str, wanted: set[int]) -> Iterator[tuple[set[int], int]]:
    """Give who of ``wanted`` heard of a notice together with other news, and of which revision: the newest then."""
    query = (
        select(batch, bundle.c.ids.label("about"), bundle.c.revision.label("least"))
        .join(bundle, bundle.c.batch_id == batch.c.id)
        .where(bundle.c.notice_id == notice_id, batch.c.first_at.is_not(None))
    )
    for row in session.execute(query.order_by(batch.c.id)).all():
        told = wanted & set(row.about) & set(row.ids[: begun(row)])
        if told:
            failed = select(problem.c.endpoint_id).where(problem.c.batch_id == row.id, problem.c.verdict != "sent")
            yield told - set(session.scalars(failed)), max(row.least, revision_at(session, notice_id, row.first_at))


def revision_at(session: Session, notice_id: str, at: datetime) -> int:
    """Return the number of the revision that stood at ``at``; 0 if the notice was not known then."""
    query = select(func.max(notice_revision.c.revision)).where(
        notice_revision.c.notice_id == notice_id, notice_revision.c.at <= at
    )
    return int(session.scalar(query) or 0)


def revisions(session: Session, notice_id: str, *, most: int) -> Sequence[RowMapping]:
    """Return the ``most`` newest revisions of a notice, the newest first."""
    query = select(notice_revision).where(notice_revision.c.notice_id == notice_id)
    return session.execute(query.order_by(notice_revision.c.revision.desc()).limit(most)).mappings().all()
