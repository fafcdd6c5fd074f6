"""Publications: revisions on their way to their people, in the line of their lane, claimed with a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, case, or_, select, update
from sqlalchemy.orm import Session

from hub.core.changes import Decision
from hub.core.fanout import Lane, lane
from hub.core.message import Change
from hub.core.notice import Notice
from hub.store.lines import first_turn, foremost_page, free
from hub.store.schema import OPEN
from hub.store.schema import publication as table

_URGENCY = case({one.value: place for place, one in enumerate(Lane)}, value=table.c.lane)


def add(session: Session, municipality: str, notice: Notice, decision: Decision, now: datetime) -> int:
    """Store that a revision is to be told and let it stand in line; returns the publication's id."""
    change = decision.change or Change.REVISED
    among = lane(change, notice.severity)
    made = session.execute(
        table.insert()
        .values(
            municipality_id=municipality, notice_id=notice.id, revision=decision.revision, change=change,
            lane=among, announce=decision.announce, stage="match", position=0, created_at=now,
            turn=next_turn(session, municipality, among),
        )
        .returning(table.c.id)
    )  # fmt: skip
    return int(made.scalar_one())


def next_turn(session: Session, municipality: str, among: str) -> int:
    """Return the turn of the municipality's next page in a lane."""
    return first_turn(session, municipality, among, table)


def lane_of(session: Session, publication_id: int) -> str | None:
    """Return the lane of a publication, ``None`` if there is no such publication."""
    return session.scalar(select(table.c.lane).where(table.c.id == publication_id))


def is_there(session: Session, notice_id: str, number: int) -> bool:
    """Whether a revision was handed on."""
    query = select(table.c.id).where(table.c.notice_id == notice_id, table.c.revision == number)
    return session.execute(query.limit(1)).first() is not None


def waiting(session: Session, now: datetime, *, most: int = 500) -> Sequence[tuple[int, str]]:
    """Return (id, lane) of publications that are not carried out and that nobody holds, urgent lanes first."""
    query = select(table.c.id, table.c.lane).where(OPEN, free(now, table)).order_by(_URGENCY, table.c.turn, table.c.id)
    return [(row.id, row.lane) for row in session.execute(query.limit(most))]


def claim(
    session: Session, among: str, owner: str, now: datetime, lease: timedelta, *, most: int | None = None
) -> RowMapping | None:
    """Take the publication of a lane whose turn it is, by turn ``most``, for ``lease``; ``None`` if there is none."""
    query = (
        update(table)
        .where(table.c.id == foremost_page(among, now, most))
        .values(lease_until=now + lease, owner=owner)
        .returning(table)
    )
    return session.execute(query).mappings().one_or_none()


def advance(
    session: Session, row: RowMapping, *, after: tuple[str, int], counts: Mapping[str, int], now: datetime,
    lease: timedelta,
) -> RowMapping | None:  # fmt: skip
    """Move the publication ``row``, as it was claimed or last moved, on to the (stage, position) ``after``.

    ``counts`` are added to its columns of that name. Returns it as it then stands, held by the owner in ``row`` for
    another ``lease`` unless it is done; ``None`` if somebody else has done this step. Who was slower than its lease may
    still be the first: steps that all last longer would never be done otherwise.
    """
    added: dict[str, Any] = {name: table.c[name] + count for name, count in counts.items()}
    done = after[0] == "done"
    held = {"lease_until": None, "owner": None} if done else {"lease_until": now + lease, "owner": row["owner"]}
    query = (
        update(table)
        .where(table.c.id == row["id"], table.c.stage == row["stage"], table.c.position == row["position"])
        .values(stage=after[0], position=after[1], done_at=now if done else None, **held, **added)
        .returning(table)
    )  # fmt: skip
    return session.execute(query).mappings().one_or_none()


def stay(session: Session, row: RowMapping, turn: int) -> None:
    """Let who holds the publication ``row`` go on with its next page, which has ``turn``."""
    session.execute(update(table).where(table.c.id == row["id"], table.c.owner == row["owner"]).values(turn=turn))


def put_back(session: Session, row: RowMapping, turn: int) -> None:
    """Let go of the publication ``row``: it stands in line again, at ``turn``."""
    mine = (table.c.id == row["id"], table.c.owner == row["owner"])
    session.execute(update(table).where(*mine).values(turn=turn, owner=None, lease_until=None))


def overtaken(session: Session, notice_id: str, number: int) -> bool:
    """Whether a newer revision is announced or is a withdrawal; one without a word of its own overtakes nothing."""
    query = select(table.c.id).where(
        table.c.notice_id == notice_id, table.c.revision > number,
        or_(table.c.announce, table.c.change == Change.WITHDRAWN),
    )  # fmt: skip
    return session.execute(query.limit(1)).first() is not None
