"""The ledger read from the tables: sums over publications and their batches, a few statements for any number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, RowMapping, Select, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.core.desk import CANARY
from hub.core.ledger import SETTLED, Account, Digests, Reminders, account
from hub.core.message import Change
from hub.store.schema import account as old
from hub.store.schema import batch, digest_entry, notice, notice_revision, problem, publication, reminder

NEWS = (Change.NEW, Change.REVISED)  # what a publication's own batches tell
_APART = (Change.DIGEST, Change.MONTHLY, Change.EXPIRY, Change.LAPSE)  # no publication makes them


def summed(value: ColumnElement[Any] | int, where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    """Return the sum of a column, over the rows ``where`` if given; 0 for none."""
    chosen = value if where is None else case((where, value), else_=0)
    return cast(func.coalesce(func.sum(chosen), 0), Integer)


def settled() -> ColumnElement[int]:
    """How many recipients of a batch have come to an end."""
    first, *others = (batch.c[name] for name in SETTLED)
    total: ColumnElement[int] = first
    for one in others:
        total += one
    return total


def _accounts(chosen: ColumnElement[bool], most: int) -> Select[Any]:
    """Publications, newest first, each with the sums of its batches."""
    page = select(publication).where(chosen).order_by(publication.c.id.desc()).limit(most).subquery()
    own = and_(batch.c.change == page.c.change, batch.c.change.in_(NEWS))
    sums = (
        select(
            page.c.id,
            summed(batch.c.size).label("size"), summed(batch.c.size, own).label("own"),
            summed(batch.c.size - settled(), batch.c.state != "done").label("open"),
            *(summed(batch.c[name]).label(name) for name in SETTLED),
            func.min(batch.c.seen_at).label("seen_at"), func.min(batch.c.first_at).label("first_at"),
            func.max(batch.c.done_at).label("done_at"),
        )
        .outerjoin(
            batch,
            and_(
                batch.c.notice_id == page.c.notice_id, batch.c.revision == page.c.revision,
                batch.c.change != Change.REMINDER,
            ),
        )
        .group_by(page.c.id)
        .subquery()
    )  # fmt: skip
    later = publication.alias()
    handed = exists().where(
        later.c.notice_id == page.c.notice_id, later.c.change == Change.WITHDRAWN, ~later.c.announce
    )
    return (
        select(
            page, *(one for one in sums.c if one.name != "id"), handed.label("handed"),
            page.c.done_at.is_not(None).label("counted"), notice_revision.c.content,
        )
        .join(sums, sums.c.id == page.c.id)
        .outerjoin(
            notice_revision,
            and_(notice_revision.c.notice_id == page.c.notice_id, notice_revision.c.revision == page.c.revision),
        )
        .order_by(page.c.id.desc())
    )  # fmt: skip


def accounts(
    session: Session, *, municipality: str = "", notice_id: str = "", since: datetime | None = None,
    announced: bool = True, canaries: bool = True, among: Collection[str] | None = None, most: int = 50,
) -> list[Account]:  # fmt: skip
    """Return the accounts of publications, newest first.

    ``among``: of these notices; ``announced``: only those that had a word for anybody; ``canaries``: our own test
    messages, too.
    """
    chosen = [publication.c.id > 0]
    if announced:
        chosen.append(or_(publication.c.announce, publication.c.change == Change.WITHDRAWN))
    if municipality:
        chosen.append(publication.c.municipality_id == municipality)
    if notice_id:
        chosen.append(publication.c.notice_id == notice_id)
    if among is not None:
        chosen.append(publication.c.notice_id.in_(list(among)))
    if not canaries:
        chosen.append(publication.c.notice_id.not_in(select(notice.c.id).where(notice.c.topic == CANARY)))
    if since is not None:
        chosen.append(publication.c.created_at >= since)
    rows = session.execute(_accounts(and_(*chosen), most)).mappings()
    return [account({**row, "title": _title(row)}) for row in rows]


def _title(row: RowMapping) -> str:
    texts = (row["content"] or {}).get("texts") or [{}]
    return str(texts[0].get("title", ""))


def forgotten(session: Session, *notice_ids: str) -> list[Account]:
    """Return what became of notices' messages whose batches are forgotten (``store.retention``), newest first."""
    query = (
        select(old, notice.c.municipality_id, notice.c.content)
        .join(notice, notice.c.id == old.c.notice_id)
        .where(old.c.notice_id.in_(notice_ids))
        .order_by(old.c.notice_id, old.c.revision.desc())
    )
    return [
        Account(
            row["notice_id"], row["revision"], "forgotten", _title(row), row["municipality_id"], meant=row["meant"],
            sent=row["sent"], expired=row["expired"], gone=row["gone"], failed=row["failed"],
            suppressed=row["suppressed"],
        )
        for row in session.execute(query).mappings()
    ]  # fmt: skip


def reminder_batches(session: Session, notice_id: str) -> list[Account]:
    """Return what became of the reminders of a notice, a row per date and lead time."""
    columns = (batch.c.municipality_id, batch.c.slot, batch.c.lead, batch.c.change)
    query = (
        select(
            *columns, func.min(batch.c.created_at).label("at"), summed(batch.c.size).label("size"),
            summed(batch.c.size - settled(), batch.c.state != "done").label("open"),
            *(summed(batch.c[name]).label(name) for name in SETTLED),
        )
        .where(batch.c.notice_id == notice_id, batch.c.change == Change.REMINDER)
        .group_by(*columns)
        .order_by(func.min(batch.c.created_at))
    )  # fmt: skip
    return [_alone(row, notice_id, f"{row['slot']} {row['lead']}") for row in session.execute(query).mappings()]


def digest_batches(session: Session, municipality: str = "", *, most: int = 20) -> list[Account]:
    """Return the last digests and monthly mails, and warnings before something lapses, newest first."""
    query = select(batch).where(batch.c.change.in_(_APART))
    if municipality:
        query = query.where(batch.c.municipality_id == municipality)
    found = []
    for row in session.execute(query.order_by(batch.c.id.desc()).limit(most)).mappings():
        left = row["size"] - sum(row[name] for name in SETTLED) if row["state"] != "done" else 0
        found.append(_alone({**row, "open": left, "at": row["created_at"]}, "", row["channel"]))
    return found


def _alone(row: Any, notice_id: str, title: str) -> Account:
    """Return the account of batches that no publication made: whoever is in them was meant."""
    counts: dict[str, Any] = {name: int(row[name]) for name in SETTLED}
    return Account(
        notice_id=notice_id, revision=0, change=str(row["change"]), title=title.strip(),
        municipality=str(row["municipality_id"]), at=row["at"], meant=int(row["size"]), open=int(row["open"]), **counts,
    )  # fmt: skip


def reminders(session: Session, now: datetime, *, notice_id: str = "") -> Reminders:
    """Return how many reminders are in which state."""
    planned = reminder.c.state == "planned"
    query = select(
        func.count().label("planned"), summed(1, reminder.c.state == "fired").label("fired"),
        summed(1, reminder.c.state == "missed").label("missed"),
        summed(1, and_(planned, reminder.c.due_at > now)).label("ahead"),
        summed(1, and_(planned, reminder.c.due_at <= now)).label("due"),
    )  # fmt: skip
    if notice_id:
        query = query.where(reminder.c.notice_id == notice_id)
    return Reminders(**session.execute(query).mappings().one())


def digests(session: Session, *, notice_id: str = "") -> Digests:
    """Return how many entries wait, go out, or are stranded with a digest that is over."""
    going = batch.c.state == "open"
    query = select(
        summed(1, digest_entry.c.batch_id.is_(None)).label("waiting"), summed(1, going).label("leaving"),
        summed(1, and_(digest_entry.c.batch_id.is_not(None), func.coalesce(batch.c.state, "") != "open")).label(
            "stranded"
        ),
    ).select_from(digest_entry.outerjoin(batch, batch.c.id == digest_entry.c.batch_id))  # fmt: skip
    if notice_id:
        query = query.where(digest_entry.c.notice_id == notice_id)
    return Digests(**session.execute(query).mappings().one())


def troubles(session: Session, notice_id: str, *, most: int = 20) -> Sequence[RowMapping]:
    """Return why deliveries of a notice were difficult: ``channel``, ``verdict``, ``detail`` and ``count``."""
    query = (
        select(batch.c.channel, problem.c.verdict, problem.c.detail, func.count().label("count"))
        .join(problem, problem.c.batch_id == batch.c.id)
        .where(batch.c.notice_id == notice_id)
        .group_by(batch.c.channel, problem.c.verdict, problem.c.detail)
        .order_by(func.count().desc())
        .limit(most)
    )
    return session.execute(query).mappings().all()


def known(session: Session, notice_id: str) -> bool:
    """Whether there is a notice of this id."""
    return session.execute(select(notice.c.id).where(notice.c.id == notice_id)).first() is not None
