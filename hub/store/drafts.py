"""Drafts with their revisions and steps. Every change is a compare-and-set: who was slower learns of it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from hub.core.draft import Draft, content_hash, to_json
from hub.core.release import State
from hub.store.schema import draft as table
from hub.store.schema import draft_revision, draft_step

SENT = "sent"  # the step by which a revision went out; nobody's act
HELD = "held"  # the step by which what was due became a draft again; nobody's act
PAST = timedelta(days=365)  # so long what was written can still be looked at and copied
VERSIONS_LIVE = timedelta(days=90)  # so long an earlier version can be brought back


def _content(draft: Draft) -> dict[str, Any]:
    return {
        "content": to_json(draft), "hash": content_hash(draft), "title": draft.title, "mode": draft.mode.value,
        "expires": draft.expires,
    }  # fmt: skip


def add(session: Session, town: str, draft: Draft, by: int, now: datetime, *, club: str = "") -> int:
    """Begin a draft in a municipality; returns its id. ``club``: the topic of the club that writes."""
    values = {
        "key": secrets.token_hex(16), "municipality_id": town, "state": State.DRAFT.value, "version": 1, "author": by,
        "changed_by": by, "created_at": now, "changed_at": now, "revision": 0, "club": club,
    }  # fmt: skip
    made = int(session.execute(insert(table).values(**values, **_content(draft)).returning(table.c.id)).scalar_one())
    _keep(session, made, 1, draft, by=by, now=now, own=True)
    return made


def _keep(
    session: Session, draft_id: int, version: int, draft: Draft, *, by: int, now: datetime, own: bool
) -> None:  # fmt: skip
    values = {"at": now, "by": by, "content": to_json(draft), "hash": content_hash(draft), "own": int(own)}
    session.execute(insert(draft_revision).values(draft_id=draft_id, version=version, **values))


def get(session: Session, town: str, draft_id: int) -> RowMapping | None:
    """Return a draft that is written in a municipality."""
    query = select(table).where(table.c.id == draft_id, table.c.municipality_id == town)
    return session.execute(query).mappings().one_or_none()


def by_key(session: Session, town: str, key: str) -> int | None:
    """Return the number of the draft of a municipality whose notices have this key."""
    query = select(table.c.id).where(table.c.key == key, table.c.municipality_id == town)
    return session.scalar(query)


def titles(session: Session, numbers: Collection[int]) -> dict[int, str]:
    """Return what the drafts of these numbers are called now; those that are gone are left out."""
    query = select(table.c.id, table.c.title).where(table.c.id.in_(sorted(numbers)))
    return {row[0]: row[1] for row in session.execute(query)} if numbers else {}


def by_id(session: Session, draft_id: int) -> RowMapping | None:
    """Return a draft wherever it is written: for jobs, never for a page."""
    return session.execute(select(table).where(table.c.id == draft_id)).mappings().one_or_none()


def locked(session: Session, draft_id: int, town: str = "") -> RowMapping | None:
    """Return a draft that nobody else changes until this transaction ends; ``town``: only if it is written there."""
    query = select(table).where(table.c.id == draft_id).with_for_update()
    return session.execute(query.where(table.c.municipality_id == town) if town else query).mappings().one_or_none()


def listed(session: Session, town: str, states: Collection[str] = (), *, most: int = 200) -> Sequence[RowMapping]:
    """Return a municipality's drafts in ``states`` (empty: all), the last changed first."""
    query = select(table).where(table.c.municipality_id == town)
    if states:
        query = query.where(table.c.state.in_(list(states)))
    return session.execute(query.order_by(table.c.changed_at.desc(), table.c.id.desc()).limit(most)).mappings().all()


def save(session: Session, row: RowMapping, draft: Draft, by: int, now: datetime, *, own: bool = True) -> int | None:
    """Write what somebody made of the draft ``row`` as they saw it; the state is ``draft`` again.

    Returns the new version, or ``None`` if somebody else saved meanwhile; then nothing is changed. What was saved by
    itself (``own`` false) is replaced by the same person's next save; what they saved by hand stays as a revision.
    """
    version = int(row["version"]) + 1
    values = {"version": version, "changed_by": by, "changed_at": now, "state": State.DRAFT.value, "due_at": None}
    changed = update(table).where(*_as_seen(row))
    if session.execute(changed.values(**values, **_content(draft)).returning(table.c.id)).first() is None:
        return None
    mine = (draft_revision.c.draft_id == row["id"], draft_revision.c.version == row["version"])
    passing = (draft_revision.c.by == by, draft_revision.c.own == 0)
    session.execute(delete(draft_revision).where(*mine, *passing))
    _keep(session, row["id"], version, draft, by=by, now=now, own=own)
    return version


def _as_seen(row: RowMapping) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that nobody has saved, carried on or put off a draft since ``row`` was read."""
    due_at = table.c.due_at.is_not_distinct_from(row["due_at"])
    return table.c.id == row["id"], table.c.version == row["version"], table.c.state == row["state"], due_at


def move(session: Session, row: RowMapping, state: State, **values: Any) -> bool:
    """Carry the draft ``row`` to another state; ``False`` if it is not what it was any more."""
    due_at = values.pop("due_at", None)
    changed = update(table).where(*_as_seen(row)).values(state=state.value, due_at=due_at, **values)
    return session.execute(changed.returning(table.c.id)).first() is not None


def drop(session: Session, row: RowMapping) -> bool:
    """Delete a draft that was never published; ``False`` if it is not what it was any more."""
    gone = delete(table).where(*_as_seen(row), table.c.revision == 0)
    return session.execute(gone.returning(table.c.id)).first() is not None


def revert(session: Session, row: RowMapping, published: Draft, now: datetime) -> bool:
    """Let a draft be again what was last published of it; ``False`` if it is not what it was any more.

    Its version rises: nothing that was said of an earlier one holds for this.
    """
    version = int(row["version"]) + 1
    values = {"version": version, "changed_at": now, "state": State.PUBLISHED.value, "due_at": None}
    changed = update(table).where(*_as_seen(row), table.c.revision > 0).values(**values, **_content(published))
    return session.execute(changed.returning(table.c.id)).first() is not None


def step(session: Session, row: RowMapping, act: str, by: int, now: datetime, *, reason: str = "") -> int:
    """Write that somebody did something with a draft as it stands in ``row``; returns the step's id."""
    values = {"draft_id": row["id"], "at": now, "by": by, "act": act, "hash": row["hash"], "version": row["version"]}
    made = insert(draft_step).values(reason=reason, **values).returning(draft_step.c.id)
    return int(session.execute(made).scalar_one())


def steps(session: Session, draft_id: int) -> Sequence[RowMapping]:
    """Return what was done with a draft, the first thing first."""
    query = select(draft_step).where(draft_step.c.draft_id == draft_id).order_by(draft_step.c.id)
    return session.execute(query).mappings().all()


def found(
    session: Session, town: str, states: Collection[str], words: Sequence[str] = (), *, club: int = 0, most: int = 200
) -> Sequence[RowMapping]:  # fmt: skip
    """Return a municipality's drafts in ``states`` (empty: all) whose title has each of ``words``, newest change first.

    ``club``: only those that this account began at a club's desk.
    """
    query = select(table).where(table.c.municipality_id == town)
    query = query.where(*(func.lower(table.c.title).contains(one.lower(), autoescape=True) for one in words))
    if states:
        query = query.where(table.c.state.in_(list(states)))
    if club:
        query = query.where(table.c.club != "", table.c.author == club)
    return session.execute(query.order_by(table.c.changed_at.desc(), table.c.id.desc()).limit(most)).mappings().all()


def counts(session: Session, town: str, *, club: int = 0) -> dict[str, int]:
    """Return how many drafts of a municipality, or of a club's desk in it, are in each state."""
    query = select(table.c.state, func.count()).where(table.c.municipality_id == town).group_by(table.c.state)
    rows = session.execute(query.where(table.c.club != "", table.c.author == club) if club else query)
    return {row[0]: row[1] for row in rows}


def keep(session: Session, row: RowMapping, by: int) -> None:
    """Make what ``by`` saved last a version that stays."""
    mine = (draft_revision.c.draft_id == row["id"], draft_revision.c.version == row["version"])
    session.execute(update(draft_revision).where(*mine, draft_revision.c.by == by).values(own=1))


def revision(session: Session, draft_id: int, version: int) -> RowMapping | None:
    """Return one version of a draft."""
    mine = (draft_revision.c.draft_id == draft_id, draft_revision.c.version == version)
    return session.execute(select(draft_revision).where(*mine)).mappings().one_or_none()


def revisions(session: Session, draft_id: int) -> Sequence[RowMapping]:
    """Return what a draft was, the first version first."""
    query = select(draft_revision).where(draft_revision.c.draft_id == draft_id).order_by(draft_revision.c.version)
    return session.execute(query).mappings().all()


def writers(session: Session, row: RowMapping) -> frozenset[int]:
    """Return who wrote any of what is not published yet, and who began the draft."""
    sent = select(func.coalesce(func.max(draft_step.c.version), 0)).where(
        draft_step.c.draft_id == row["id"], draft_step.c.act == SENT
    )
    query = select(draft_revision.c.by).where(
        draft_revision.c.draft_id == row["id"], draft_revision.c.version > sent.scalar_subquery()
    )
    return frozenset({row["author"], row["changed_by"], *session.scalars(query)})


def due(session: Session, now: datetime, *, most: int = 500) -> Sequence[int]:
    """Return the ids of scheduled drafts whose time has come, the first due first."""
    query = select(table.c.id).where(table.c.state == State.SCHEDULED.value, table.c.due_at <= now)
    return session.scalars(query.order_by(table.c.due_at, table.c.id).limit(most)).all()


def sent_since(session: Session, town: str, author: int, since: datetime) -> int:
    """Return how many notices of a club's desk went out since then, revisions too, and how many are about to."""
    own = (table.c.municipality_id == town, table.c.author == author, table.c.club != "")
    gone = (
        select(func.count())
        .select_from(draft_step.join(table, table.c.id == draft_step.c.draft_id))
        .where(*own, draft_step.c.act == SENT, draft_step.c.at > since)
    )
    waiting = select(func.count()).select_from(table).where(*own, table.c.state == State.SCHEDULED.value)
    return int(session.scalar(gone) or 0) + int(session.scalar(waiting) or 0)


def sent(session: Session, since: datetime) -> Sequence[RowMapping]:
    """Return the drafts that were published since then and still are."""
    query = select(table).where(table.c.revision > 0, table.c.published_at > since, table.c.withdrawn_at.is_(None))
    return session.execute(query.order_by(table.c.id)).mappings().all()


def overdue(session: Session, before: datetime) -> Sequence[RowMapping]:
    """Return scheduled drafts that should have gone out before then: nothing may be here for long."""
    query = select(table).where(table.c.state == State.SCHEDULED.value, table.c.due_at < before)
    return session.execute(query.order_by(table.c.due_at)).mappings().all()


def fall_back(session: Session, until: datetime, now: datetime) -> int:
    """Let every scheduled draft that was due until then be a draft again, with a note; returns how many.

    Another copy of this database may have sent it: nobody shall get it twice, and somebody looks before it goes.
    """
    late = (table.c.state == State.SCHEDULED.value, table.c.due_at <= until)
    changed = update(table).where(*late).values(state=State.DRAFT.value, due_at=None).returning(table)
    rows = session.execute(changed).mappings().all()
    for row in rows:
        step(session, row, HELD, 0, now, reason="restored")
    return len(rows)


def forget(session: Session, now: datetime) -> None:
    """Delete what is a year behind us, and earlier versions after 90 days; who did what stays in the audit log."""
    cut = now - PAST
    over = or_(
        and_(table.c.state == State.WITHDRAWN.value, table.c.withdrawn_at < cut),
        and_(table.c.state == State.PUBLISHED.value, func.coalesce(table.c.expires, table.c.published_at) < cut,
             table.c.published_at < cut),
        and_(table.c.state == State.DRAFT.value, table.c.changed_at < cut, table.c.revision == 0),
    )  # fmt: skip
    session.execute(delete(table).where(over))
    # Who wrote any of what is not out yet must stay known, or they could release it themselves.
    sent = (
        select(func.max(draft_step.c.version))
        .where(draft_step.c.draft_id == draft_revision.c.draft_id, draft_step.c.act == SENT)
        .scalar_subquery()
    )
    old = (draft_revision.c.at < now - VERSIONS_LIVE, draft_revision.c.version < sent)
    session.execute(delete(draft_revision).where(*old))
