"""Sources: claiming the due ones, and what a poll leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True)
class Doubting:
    """What is doubted of a source's last answer: the reason (empty: nothing), the fingerprint, how many polls agree."""

    reason: str = ""
    digest: str = ""
    polls: int = 0


def succeed(
    session: Session, row: RowMapping, *, state: FetchState, now: datetime, next_poll_at: datetime,
    held: int | None = None, news: bool = False, doubting: Doubting | None = None,
) -> bool:  # fmt: skip
    """Record a good poll with its validators; ``False`` if the lease was lost meanwhile.

    ``row`` is what :func:`claim` gave; ``held`` how many items were refused (``None``: as before); ``doubting`` is
    what remains of a doubt whose answer is acted on at last.
    """
    doubt = doubting or Doubting()
    values: dict[str, Any] = {
        "state": state_to_json(state), "imported": True, "succeeded_at": now,
        "failures": 0, "fault": "", "broken_since": None, "held": row["held"] if held is None else held,
        "doubt": doubt.reason, "doubt_hash": doubt.digest, "doubt_polls": doubt.polls, "doubt_since": None,
    }  # fmt: skip
    return _release(session, row, next_poll_at, **values, **({"news_at": now} if news else {}))


def doubt(session: Session, row: RowMapping, doubting: Doubting, *, now: datetime, next_poll_at: datetime) -> bool:
    """Record a poll whose answer is held: the last good state stays, so that the next poll gets the answer whole."""
    return _release(
        session, row, next_poll_at, failures=0, fault="", doubt=doubting.reason, doubt_hash=doubting.digest,
        doubt_polls=doubting.polls, doubt_since=row["doubt_since"] if row["doubt"] else now,
    )  # fmt: skip


def fail(session: Session, row: RowMapping, *, fault: str, now: datetime, next_poll_at: datetime) -> bool:
    """Record a failed poll: the last good state stays as it is."""
    return _release(
        session, row, next_poll_at, failures=row["failures"] + 1, fault=fault[:500],
        broken_since=row["broken_since"] or now,
    )  # fmt: skip


def _release(session: Session, row: RowMapping, next_poll_at: datetime, **values: Any) -> bool:
    """Write the end of a poll and of its lease; ``False`` if somebody else has it by now."""
    query = (
        update(table)
        .where(table.c.id == row["id"], table.c.owner == row["owner"])
        .values(next_poll_at=next_poll_at, lease_until=None, owner=None, **values)
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None


def trust(session: Session, source_id: str, now: datetime) -> bool:
    """Vouch for the doubted answer and make the source due; ``False`` if nothing is doubted."""
    query = (
        update(table)
        .where(table.c.id == source_id, table.c.doubt != "")
        .values(trusted_hash=table.c.doubt_hash, next_poll_at=now)
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None


def hurry(session: Session, source_id: str, now: datetime) -> bool:
    """Make a source due now; ``False`` if there is none of that id."""
    query = update(table).where(table.c.id == source_id).values(next_poll_at=now).returning(table.c.id)
    return session.execute(query).one_or_none() is not None


def amend(session: Session, source_id: str, *, name: str, interval: int, now: datetime) -> None:
    """Change what a source is called and how often it is read; the next look comes no later than that."""
    row = session.execute(select(table.c.next_poll_at).where(table.c.id == source_id)).one()
    soon = min(row.next_poll_at, now + timedelta(seconds=interval))
    session.execute(
        update(table).where(table.c.id == source_id).values(name=name, interval=interval, next_poll_at=soon)
    )
