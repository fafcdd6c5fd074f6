"""Sources: claiming the due ones, and what a poll leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, or_, select, update
from sqlalchemy.orm import Session

from hub.core.codec import moment_from_json, moment_to_json
from hub.core.notice import PlaceRef
from hub.core.source import FetchState, Source
from hub.store.schema import source as table


def add(session: Session, municipality: str, source: Source, now: datetime) -> None:
    """Store a new source; it is due at once."""
    session.execute(
        table.insert().values(
            id=source.id,
            municipality_id=municipality,
            kind=source.kind,
            name=source.name or source.url,
            url=source.url,
            topic=source.topic,
            language=source.language,
            zone=source.zone,
            interval=source.interval,
            places=[asdict(place) for place in source.places],
            config=dict(source.config),
            state=state_to_json(FetchState()),
            enabled=True,
            imported=False,
            next_poll_at=now,
            failures=0,
            fault="",
            held=0,
        )
    )


def state_to_json(state: FetchState) -> dict[str, Any]:
    """Write a fetch state as JSON."""
    return {
        "validators": {url: dict(values) for url, values in state.validators.items()},
        "body_hash": state.body_hash,
        "cursor": state.cursor,
        "at": moment_to_json(state.at),
        "hub": list(state.hub),
    }


def state_from_json(data: Mapping[str, Any]) -> FetchState:
    """Read what :func:`state_to_json` wrote."""
    at = moment_from_json(data.get("at"))
    hub, topic = data.get("hub") or ("", "")
    return FetchState(
        validators=data.get("validators", {}),
        body_hash=data.get("body_hash", ""),
        cursor=data.get("cursor", ""),
        at=at if isinstance(at, datetime) else None,
        hub=(hub, topic),
    )


def from_row(row: RowMapping) -> Source:
    """Make a Source of its row."""
    return Source(
        id=row["id"],
        kind=row["kind"],
        url=row["url"],
        municipality=row["municipality_id"],
        name=row["name"],
        topic=row["topic"],
        language=row["language"],
        zone=row["zone"],
        interval=row["interval"],
        places=tuple(PlaceRef(**place) for place in row["places"]),
        config=row["config"],
    )


def listed(session: Session, municipality: str | None = None) -> Sequence[RowMapping]:
    """Return the rows of all sources (of one municipality), by name."""
    query = select(table).order_by(table.c.municipality_id, table.c.name)
    if municipality is not None:
        query = query.where(table.c.municipality_id == municipality)
    return session.execute(query).mappings().all()


def row(session: Session, source_id: str) -> RowMapping | None:
    """Return one source's row."""
    return session.execute(select(table).where(table.c.id == source_id)).mappings().one_or_none()


def due(session: Session, now: datetime, *, most: int = 200) -> Sequence[str]:
    """Return ids of enabled sources whose time has come and that nobody is polling."""
    free = or_(table.c.lease_until.is_(None), table.c.lease_until < now)
    query = (
        select(table.c.id)
        .where(table.c.enabled, table.c.next_poll_at <= now, free)
        .order_by(table.c.next_poll_at)
        .limit(most)
    )
    return session.scalars(query).all()


def claim(session: Session, source_id: str, owner: str, now: datetime, lease: timedelta) -> RowMapping | None:
    """Take a due source for ``lease``; ``None`` if it is not due or somebody else has it."""
    free = or_(table.c.lease_until.is_(None), table.c.lease_until < now)
    query = (
        update(table)
        .where(table.c.id == source_id, table.c.enabled, table.c.next_poll_at <= now, free)
        .values(lease_until=now + lease, owner=owner, polled_at=now)
        .returning(table)
    )
    return session.execute(query).mappings().one_or_none()


def succeed(
    session: Session,
    source_id: str,
    owner: str,
    *,
    state: FetchState,
    now: datetime,
    next_poll_at: datetime,
    held: int,
) -> bool:
    """Record a good poll with its validators; ``False`` if the lease was lost meanwhile."""
    query = (
        update(table)
        .where(table.c.id == source_id, table.c.owner == owner)
        .values(
            state=state_to_json(state),
            imported=True,
            next_poll_at=next_poll_at,
            succeeded_at=now,
            failures=0,
            fault="",
            held=held,
            lease_until=None,
            owner=None,
        )
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None


def fail(session: Session, source_id: str, owner: str, *, fault: str, next_poll_at: datetime) -> None:
    """Record a failed poll: the last good state stays as it is."""
    session.execute(
        update(table)
        .where(table.c.id == source_id, table.c.owner == owner)
        .values(
            failures=table.c.failures + 1,
            fault=fault[:500],
            next_poll_at=next_poll_at,
            lease_until=None,
            owner=None,
        )
    )


def hurry(session: Session, source_id: str, now: datetime) -> bool:
    """Make a source due now; ``False`` if there is none of that id."""
    query = update(table).where(table.c.id == source_id).values(next_poll_at=now).returning(table.c.id)
    return session.execute(query).one_or_none() is not None
