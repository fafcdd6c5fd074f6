"""Gather: poll one source and store what is new, together with its validators, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import Decision, decide
from hub.core.errors import SourceError, SourceUnreachable, StoreError
from hub.core.fanout import Lane
from hub.core.message import Change
from hub.core.notice import Notice, Severity, Status
from hub.core.place import LOCAL, local_path
from hub.core.source import Fetched, FetchState, Source
from hub.jobs.house import House, Parsed
from hub.store import batches, notices, sources, towns

FLOOD = 20  # more new items than this in one poll are held back from announcing (promise 9)
_LEASE = timedelta(minutes=2)  # longer than a slow source may take in all
_LONGEST_WAIT = timedelta(hours=6)

log = structlog.get_logger(__name__)


def gather_due(house: House) -> int:
    """Wake one job for each source that is due; returns how many."""
    with house.store.begin() as session:
        due = sources.due(session, house.now())
        for source_id in due:
            house.engine.defer(session, "gather", source_id, lane=Lane.GATHER)
    return len(due)


def gather(house: House, source_id: str) -> None:
    """Claim the source, fetch and parse it outside any transaction, store in one.

    An expected error becomes the source's fault; an unexpected one too, so that no source stops another.
    """
    with house.store.begin() as session:
        row = sources.claim(session, source_id, house.owner, house.now(), _LEASE)
    if row is None:
        return
    source, bound = sources.from_row(row), log.bind(source=source_id, kind=row["kind"])
    try:
        read = house.gatherer.fetch(source, sources.state_from_json(row["state"]))
        parsed = house.gatherer.parse(read) if isinstance(read, Fetched) else None
        _store(house, row, source, parsed, state=read.state, fresh_for=read.fresh_for)
    except StoreError:
        raise  # the database's trouble is no fault of the source; the lease ends by itself
    except SourceError as error:
        bound.warning("source refused", fault=str(error))
        _fail(house, row, error)
        return
    except Exception as error:  # noqa: BLE001 - a stranger's data; one source must not stop the others
        bound.exception("source failed unexpectedly")
        _fail(house, row, SourceError(f"unexpected: {type(error).__name__}"))
        return
    else:
        bound.info("source polled", notices=len(parsed.notices) if parsed else 0, modified=parsed is not None)


def _fail(house: House, row: RowMapping, error: SourceError) -> None:
    """Keep the last good state, wait longer each time, and as long as the server asked."""
    wait = timedelta(seconds=row["interval"]) * 2 ** min(row["failures"], 6)
    if isinstance(error, SourceUnreachable) and error.retry_after:
        wait = max(wait, timedelta(seconds=error.retry_after))
    with house.store.begin() as session:
        at = house.now() + min(wait, _LONGEST_WAIT) * (1 + house.jitter() / 10)
        sources.fail(session, row["id"], house.owner, fault=str(error), next_poll_at=at)


def _store(
    house: House, row: RowMapping, source: Source, parsed: Parsed | None, *, state: FetchState, fresh_for: int | None
) -> None:  # fmt: skip
    """Write notices, publications, validators and the end of the lease in one transaction (promise 2, S-08)."""
    now = house.now()
    wait = timedelta(seconds=max(row["interval"], min(fresh_for or 0, 86_400)))
    with house.store.begin() as session:
        town = towns.get(session, row["municipality_id"])
        if town is None:
            return
        held = len(parsed.refused) if parsed else 0
        for found in _merged(parsed.notices if parsed else ()):
            _keep(house, session, row, source, found, zone=town["zone"])
        kept = sources.succeed(
            session, source.id, house.owner, state=state, now=now,
            next_poll_at=now + wait * (1 + house.jitter() / 10), held=held,
        )  # fmt: skip
        if not kept:
            # Somebody else polled meanwhile: their word stands, ours is dropped with this transaction.
            session.rollback()


def _merged(found: Sequence[Notice]) -> Sequence[Notice]:
    """Return the notices oldest word first, so that an update follows the alert that it continues."""
    return sorted(found, key=lambda one: (one.sent is not None, one.sent.timestamp() if one.sent else 0.0))


def _keep(
    house: House, session: Session, row: RowMapping, source: Source, notice: Notice, *, zone: str
) -> Decision:  # fmt: skip
    names = (notice.key, *notice.references)
    known = notices.known(session, row["municipality_id"], source.id, names)
    now = house.now()
    if known is not None and notice.sent and known.notice.sent and notice.sent < known.notice.sent:
        notices.save(
            session, row["municipality_id"], source.id,
            Decision(None, known.notice, known.revision, known.dates), places=(), zone=zone, now=now, names=names,
        )  # fmt: skip
        return Decision(None, known.notice, known.revision, known.dates)
    ids = notices.called(session, source.id, names)
    for other in ids[1:]:
        _end_other(house, session, row, notice, other, into=ids[0], zone=zone)
    if known is None and not notice.texts:
        return Decision(None, notice, 0, ())  # a bare cancellation of something we never told
    decision = decide(notice, known, now, first_import=not row["imported"])
    if decision.announce and decision.change is Change.NEW and _flooded(session, row, notice, now):
        decision = replace(decision, announce=False)
    places = house.gatherer.places(decision.notice, source)
    towns.add_places(session, row["municipality_id"], _local_places(decision.notice, places))
    publication = notices.save(
        session, row["municipality_id"], source.id, decision, places=places, zone=zone, now=now, names=names
    )
    if publication is not None:
        urgent = "emergency" if decision.notice.severity >= Severity.SEVERE else "normal"
        house.engine.defer(session, "publish", str(publication), lane=urgent)
    return decision


def _end_other(
    house: House, session: Session, row: RowMapping, notice: Notice, other: str, *, into: str, zone: str
) -> None:  # fmt: skip
    """End a further notice that ``notice`` refers to: called off with it, or merged ``into`` what it continues.

    Then it ends without a word, but who was told of it counts as told of what it became.
    """
    known = notices.known_by_id(session, row["municipality_id"], other)
    if known is None or known.withdrawn:
        return
    called_off = notice.status is Status.CANCELLED
    ending = replace(known.notice, status=Status.CANCELLED, sent=notice.sent)
    decision = decide(ending, known, house.now())
    decision = replace(decision, announce=decision.announce and called_off)
    publication = notices.save(
        session, row["municipality_id"], row["id"], decision,
        places=notices.places_of(session, other), zone=zone, now=house.now(), names=(),
    )  # fmt: skip
    if publication is not None:
        house.engine.defer(session, "publish", str(publication))
    if not called_off:
        notices.rename(session, other, into)
        batches.hand_over(session, other, into)


def _flooded(session: Session, row: RowMapping, notice: Notice, now: datetime) -> bool:
    """Whether this poll already announced as many items as are believable; a severe warning is never held."""
    if notice.severity >= Severity.SEVERE:
        return False
    return notices.announced_since(session, row["id"], now - timedelta(minutes=1)) >= FLOOD


def _local_places(notice: Notice, places: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return the places below a municipality that this notice names, with the name it gives them."""
    names = {local_path("", ref.scheme, ref.value): ref for ref in notice.places if ref.scheme in LOCAL}
    found: list[tuple[str, str, str]] = []
    for path in places:
        ref = names.get("/" + path.partition("/")[2])
        if ref is not None and "/" in path:
            found.append((path, ref.scheme, ref.name or ref.value))
        if ref is not None and ref.scheme == "house":  # whoever asks for the whole street must find it too
            found.append((path.partition("/house:")[0], "street", ref.value.partition("/")[0]))
    return found
