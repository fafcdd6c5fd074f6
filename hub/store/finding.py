"""Places below municipalities, to be found by their names: all of one municipality, or of the whole installation."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import RowMapping, and_, or_, select
from sqlalchemy.orm import Session

from hub.core.place import ancestors
from hub.store.schema import notice, notice_place, place

KINDS = ("district", "street", "zone")
_LAST = "\U0010ffff"  # sorts behind whatever may follow
_PAGE = 400  # values in one question
_COLUMNS = (place.c.path, place.c.kind, place.c.name, place.c.municipality_id)


def below(session: Session, municipality: str) -> Sequence[RowMapping]:
    """Return districts, streets and zones of a municipality: ``path``, ``kind``, ``name``, ``municipality_id``."""
    query = select(*_COLUMNS).where(place.c.municipality_id == municipality, place.c.kind.in_(KINDS))
    return session.execute(query).mappings().all()


def parts(session: Session, municipality: str) -> Sequence[RowMapping]:
    """Return the districts and zones of a municipality, the few that a list can show."""
    query = select(*_COLUMNS).where(place.c.municipality_id == municipality, place.c.kind.in_(("district", "zone")))
    return session.execute(query.order_by(place.c.name).limit(_PAGE)).mappings().all()


def spots(session: Session, municipality: str) -> Sequence[RowMapping]:
    """Return the places of a municipality that are known to lie somewhere, with ``lat`` and ``lon``."""
    query = select(*_COLUMNS, place.c.lat, place.c.lon).where(
        place.c.municipality_id == municipality, place.c.kind.in_(KINDS), place.c.lat.is_not(None)
    )
    return session.execute(query).mappings().all()


def beginning(session: Session, starts: Collection[str], *, most: int, towns: Collection[str] = ()) -> list[RowMapping]:
    """Return at most ``most`` places of all municipalities (or of ``towns``) whose folded name begins so."""
    ranges = [and_(place.c.sought >= one, place.c.sought < one + _LAST) for one in starts]
    return _some(session, or_(*ranges), towns, most) if ranges else []


def called(session: Session, names: Collection[str], *, most: int, towns: Collection[str] = ()) -> list[RowMapping]:
    """Return at most ``most`` places of all municipalities (or of ``towns``) that have one of these folded names."""
    found: list[RowMapping] = []
    asked = sorted(names)
    for start in range(0, len(asked), _PAGE):
        found += _some(session, place.c.sought.in_(asked[start : start + _PAGE]), towns, most - len(found))
        if len(found) >= most:
            break
    return found


def _some(session: Session, wanted: object, towns: Collection[str], most: int) -> list[RowMapping]:
    where = place.c.municipality_id.in_(sorted(towns)[:_PAGE]) if towns else place.c.municipality_id.is_not(None)
    query = select(*_COLUMNS).where(wanted, where, place.c.kind.in_(KINDS))  # type: ignore[arg-type]
    return list(session.execute(query.order_by(place.c.sought, place.c.path).limit(most)).mappings())


def house_parts(session: Session, municipality: str, street: str, topic: str) -> list[str]:
    """Return the parts of ``street`` (a path), as ``1-57``, that notices of ``topic`` tell apart; none: no need to."""
    found = select(notice_place.c.path).distinct().join(notice, notice.c.id == notice_place.c.notice_id)
    query = found.where(
        notice.c.municipality_id == municipality, notice.c.topic == topic, ~notice.c.withdrawn,
        notice_place.c.path.startswith(f"{street}/house:", autoescape=True),
    )  # fmt: skip
    return sorted(path.partition("/house:")[2] for path in session.scalars(query))


def categories(session: Session, municipality: str, topic: str, path: str) -> list[str]:
    """Return the categories of notices of ``topic`` that concern ``path``, or something in it or above it."""
    here = or_(notice_place.c.path.in_(list(ancestors(path))), notice_place.c.path.startswith(path, autoescape=True))
    kind = notice.c.content["category"].as_string()
    query = select(kind).distinct().join(notice_place, notice_place.c.notice_id == notice.c.id)
    query = query.where(notice.c.municipality_id == municipality, notice.c.topic == topic, ~notice.c.withdrawn, here)
    return sorted(one for one in session.scalars(query) if one)
