"""Twins in the tables: who hears the same thing from another municipality, so that nobody is told twice (F24).

All of it is asked only where municipalities share people (``store.guests``) and a twin stands: nearly never.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    RowMapping,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from hub.core.message import Change
from hub.core.subscription import Action
from hub.store import guests
from hub.store.database import insert_for
from hub.store.recipients import among
from hub.store.schema import (
    batch,
    bundle,
    digest_entry,
    endpoint,
    match,
    notice,
    notice_revision,
    publication,
    route,
    subscription,
    way,
)  # fmt: skip

_PAGE = 500
_SETTLED = ("earlier", "done")  # stages of a publication that has dealt with digests


def key_of(session: Session, notice_id: str, revision: int) -> str:
    """Return what the twins of a revision share; empty if it has none."""
    query = select(notice_revision.c.twin).where(
        notice_revision.c.notice_id == notice_id, notice_revision.c.revision == revision
    )
    return session.scalar(query) or ""


def keys(session: Session, revisions: Mapping[str, int]) -> dict[str, str]:
    """Return what the twins of these revisions (notice -> revision) share, by notice; who has none is left out."""
    asked, found = sorted(revisions), dict[str, str]()
    for start in range(0, len(asked), _PAGE):
        page = asked[start : start + _PAGE]
        query = select(notice_revision.c.notice_id, notice_revision.c.revision, notice_revision.c.twin)
        query = query.where(notice_revision.c.notice_id.in_(page), notice_revision.c.twin != literal_column("''"))
        found |= {row.notice_id: row.twin for row in session.execute(query) if revisions[row.notice_id] == row.revision}
    return found


def lock(session: Session, key: str) -> None:
    """Let nobody else plan a twin until the end of this transaction; on SQLite a writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(key[:15], 16)  # of 64 bits with a sign
        session.execute(select(func.pg_advisory_xact_lock(number)))


def of(
    session: Session, municipality: str, notice_id: str, keys: Collection[str], *, standing: bool = True
) -> Sequence[RowMapping]:  # fmt: skip
    """Return the twins in municipalities that share people with this one.

    Each with ``notice_id``, ``revision``, ``twin`` and ``municipality_id``.

    ``standing``: only what these municipalities say now and did not say before; of what they have changed or called off
    since, or came back to, nobody knows who heard it last, and it is told here anew.
    """
    if not keys:
        return []
    before = notice_revision.alias()
    again = exists().where(
        before.c.notice_id == notice_revision.c.notice_id, before.c.revision < notice_revision.c.revision,
        before.c.twin == notice_revision.c.twin,
    )  # fmt: skip
    holds = and_(notice.c.revision == notice_revision.c.revision, ~again)
    query = (
        select(
            notice_revision.c.notice_id, notice_revision.c.revision, notice_revision.c.twin, notice.c.municipality_id
        )
        .join(notice, notice.c.id == notice_revision.c.notice_id)
        .where(
            notice_revision.c.twin.in_(sorted(keys)), notice_revision.c.twin != literal_column("''"),
            notice.c.id != notice_id, notice.c.municipality_id != municipality, holds if standing else true(),
        )
        .order_by(notice_revision.c.notice_id, notice_revision.c.revision)
    )  # fmt: skip
    rows = session.execute(query).mappings().all()
    near = guests.shared(session, municipality, {row["municipality_id"] for row in rows}) if rows else set()
    return [row for row in rows if row["municipality_id"] in near]


def placed(session: Session, twins: Iterable[RowMapping]) -> set[int]:
    """Return the endpoints that are told a twin: they have a place in a batch of it, or in a bundle with others."""
    found: set[int] = set()
    for one in twins:
        told = (batch.c.notice_id == one["notice_id"], batch.c.revision == one["revision"])
        alone = select(batch.c.ids).where(*told, batch.c.change.in_([Change.NEW, Change.REVISED]))
        newest = and_(batch.c.state == "open", batch.c.cursor == 0)  # what waits is told in its newest form
        together = (
            select(bundle.c.ids)
            .join(batch, batch.c.id == bundle.c.batch_id)
            .where(
                bundle.c.notice_id == one["notice_id"],
                or_(bundle.c.revision == one["revision"], and_(bundle.c.revision < one["revision"], newest)),
            )
        )
        found |= {each for query in (alone, together) for ids in session.scalars(query) for each in ids}
    return found


def awaited(
    session: Session, municipality: str, twins: Iterable[RowMapping], *, past: bool = True, sure: bool = True
) -> set[int]:  # fmt: skip
    """Return whose endpoints, of this municipality, have a twin in their digest: in the next one, or in a ``past`` one.

    Past digests keep no entries; who had one is who wanted the twin so, and was there, when it was collected. ``sure``:
    only of the first publication that said so, because of a later one they may have been left out for another's sake.
    """
    found: set[int] = set()
    for one in twins:
        waits = select(digest_entry.c.endpoint_id).where(
            digest_entry.c.notice_id == one["notice_id"], digest_entry.c.revision == one["revision"]
        )
        people = guests.between(municipality, [one["municipality_id"]]).subquery()
        told = (
            select(endpoint.c.id)
            .join(publication, _is(one))
            .where(
                endpoint.c.subscriber_id.in_(select(people.c.subscriber_id)), endpoint.c.state == "active",
                publication.c.announce, publication.c.stage.in_(_SETTLED), endpoint.c.since < publication.c.id,
                _wanted(one["notice_id"], Action.DIGEST), _first(one["twin"]) if sure else true(),
            )
        )  # fmt: skip
        found |= {*session.scalars(waits), *(session.scalars(told) if past else ())}
    return found


def _first(key: str) -> ColumnElement[bool]:
    """Whether no publication before this one said what all twins with ``key`` say."""
    same, other = notice_revision.alias(), publication.alias()
    return ~exists().where(
        same.c.twin == key, same.c.twin != literal_column("''"), other.c.notice_id == same.c.notice_id,
        other.c.revision == same.c.revision, other.c.id < publication.c.id,
    )  # fmt: skip


def _is(one: RowMapping) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (publication.c.notice_id == one["notice_id"]) & (
        publication.c.revision == one["revision"]
    )
    return condition


def _wanted(notice_id: str, action: Action) -> ColumnElement[bool]:
    """Whether an endpoint's person wanted a notice in this way before its publication."""
    return exists().where(
        subscription.c.subscriber_id == endpoint.c.subscriber_id, way.c.subscription_id == subscription.c.id,
        way.c.channel == endpoint.c.channel, way.c.action == action, way.c.since < publication.c.id,
        match.c.interest_id == subscription.c.interest_id, match.c.notice_id == notice_id,
    )  # fmt: skip


def take_out_of_digests(session: Session, notice_ids: Collection[str], ids: Collection[int]) -> None:
    """Let notices that wait for a digest go for those who hear the same thing otherwise."""
    session.execute(
        delete(digest_entry).where(
            digest_entry.c.notice_id.in_(sorted(notice_ids)), digest_entry.c.batch_id.is_(None),
            among(session, digest_entry.c.endpoint_id, ids),
        )
    )  # fmt: skip


def let_wait(session: Session, one: RowMapping, ids: Collection[int]) -> None:
    """Put a twin into the next digest of those of ``ids`` who want it there and do not have it."""
    fitting = select(match.c.interest_id).where(match.c.notice_id == one["notice_id"])
    chosen = (
        select(route.c.endpoint_id, literal(one["notice_id"]), literal(one["revision"]), cast(null(), Integer))
        .distinct()
        .where(
            route.c.interest_id.in_(fitting), route.c.action == Action.DIGEST,
            among(session, route.c.endpoint_id, ids),
        )
    )  # fmt: skip
    columns = ["endpoint_id", "notice_id", "revision", "batch_id"]
    session.execute(insert_for(session)(digest_entry).from_select(columns, chosen).on_conflict_do_nothing())


def reminded(
    session: Session, twins: Iterable[RowMapping], *, slot: str, lead: str, valid_until: datetime
) -> set[int]:  # fmt: skip
    """Return the endpoints that have a place in a batch which reminds of the same date of a twin, as long before."""
    found: set[int] = set()
    for one in twins:
        query = select(batch.c.ids).where(
            batch.c.notice_id == one["notice_id"], batch.c.change == Change.REMINDER, batch.c.slot == slot,
            batch.c.lead == lead, batch.c.valid_until == valid_until,
        )  # fmt: skip
        found |= {each for ids in session.scalars(query) for each in ids}
    return found


def earlier_keys(session: Session, notice_id: str, revision: int) -> set[str]:
    """Return what the revisions before ``revision`` share with their twins."""
    query = select(notice_revision.c.twin).where(
        notice_revision.c.notice_id == notice_id, notice_revision.c.revision < revision,
        notice_revision.c.twin != literal_column("''"),
    )  # fmt: skip
    return set(session.scalars(query))


def earlier(session: Session, notice_id: str, revision: int) -> Sequence[RowMapping]:
    """Return the revisions of a notice before ``revision`` as :func:`of` returns twins."""
    query = (
        select(
            notice_revision.c.notice_id, notice_revision.c.revision, notice_revision.c.twin, notice.c.municipality_id
        )
        .join(notice, notice.c.id == notice_revision.c.notice_id)
        .where(notice_revision.c.notice_id == notice_id, notice_revision.c.revision < revision)
    )
    return session.execute(query).mappings().all()


def given_back(session: Session, one: RowMapping, count: int) -> bool:
    """Count ``count`` whom a twin's publication left out as told by it after all; ``False`` if it goes on as before.

    Of a revision they hear as of something new, beside its own: there they stay counted as left out (``core.ledger``).
    """
    query = (
        update(publication)
        .where(
            publication.c.notice_id == one["notice_id"], publication.c.revision == one["revision"],
            publication.c.change == Change.NEW,
        )
        .values(doubled=publication.c.doubled - count)
        .returning(publication.c.id)
    )  # fmt: skip
    return session.execute(query).one_or_none() is not None
