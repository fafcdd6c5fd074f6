"""Reminders: UTC due rows per date, interest, channel and lead time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.orm import Session

from hub.core.subscription import Action
from hub.store.database import insert_for
from hub.store.schema import match, notice, route
from hub.store.schema import reminder as table


def wanted(session: Session, notice_id: str) -> Sequence[tuple[int, str, str]]:
    """Return the distinct (interest, channel, lead) by which somebody who can be reached wants reminders."""
    query = (
        select(route.c.interest_id, route.c.channel, route.c.lead)
        .distinct()
        .where(
            route.c.interest_id.in_(select(match.c.interest_id).where(match.c.notice_id == notice_id)),
            route.c.action == Action.REMINDER,
        )
    )
    return [(row.interest_id, row.channel, row.lead) for row in session.execute(query)]


def plan(
    session: Session, notice_id: str, slot: str, want: tuple[int, str, str], *, due_at: datetime,
    valid_until: datetime, now: datetime, late: bool,
) -> None:  # fmt: skip
    """Plan one reminder, or move it. One that fired stays fired unless its new time still lies ahead."""
    interest_id, channel, lead = want
    fresh = {"due_at": due_at, "valid_until": valid_until}
    insert = insert_for(session)(table).values(
        notice_id=notice_id, slot=slot, interest_id=interest_id, channel=channel, lead=lead,
        state="planned" if due_at > now or (late and valid_until > now) else "missed", **fresh,
    )  # fmt: skip
    session.execute(
        insert.on_conflict_do_nothing(index_elements=["notice_id", "slot", "interest_id", "channel", "lead"])
    )
    same = (
        table.c.notice_id == notice_id,
        table.c.slot == slot,
        table.c.interest_id == interest_id,
        table.c.channel == channel,
        table.c.lead == lead,
        table.c.due_at != due_at,
    )
    moved = {**fresh, "state": "planned"} if due_at > now else fresh
    session.execute(update(table).where(*same).values(**moved))


def drop(session: Session, notice_id: str, slots: Sequence[str]) -> None:
    """Forget the planned reminders of dates that were called off."""
    session.execute(
        delete(table).where(table.c.notice_id == notice_id, table.c.slot.in_(list(slots)), table.c.state == "planned")
    )


def drop_strangers(session: Session, notice_id: str) -> None:
    """Forget the planned reminders of interests that a notice fits no longer: their street is in another zone now."""
    fitting = select(match.c.interest_id).where(match.c.notice_id == notice_id)
    session.execute(
        delete(table).where(
            table.c.notice_id == notice_id, table.c.state == "planned", table.c.interest_id.not_in(fitting)
        )
    )


def due(session: Session, now: datetime, *, most: int = 200) -> Sequence[RowMapping]:
    """Return planned reminders whose time has come, with their municipality."""
    query = (
        select(table, notice.c.municipality_id, notice.c.revision, notice.c.withdrawn)
        .join(notice, notice.c.id == table.c.notice_id)
        .where(table.c.state == "planned", table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.id)
        .limit(most)
    )
    return session.execute(query).mappings().all()


def settle(session: Session, reminder_id: int, state: str) -> bool:
    """Mark a planned reminder ``fired`` or ``missed``; ``False`` if somebody else already did."""
    query = (
        update(table)
        .where(table.c.id == reminder_id, table.c.state == "planned")
        .values(state=state)
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None
