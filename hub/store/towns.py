"""Municipalities, secrets and the place tree with its reference rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.orm import Session

from hub.core.place import ancestors, slug
from hub.store import feeds
from hub.store.database import insert_for
from hub.store.schema import municipality as table
from hub.store.schema import notice, notice_place, place, secret

_PAGE = 500  # paths in one question


def add(session: Session, values: Mapping[str, Any], now: datetime) -> bool:
    """Store a municipality (``id``, ``name``, ``path``, ``language`` …); ``False`` if it is there."""
    insert = insert_for(session)(table).values(created_at=now, **values).on_conflict_do_nothing()
    return session.execute(insert.returning(table.c.id)).one_or_none() is not None


def get(session: Session, municipality: str) -> RowMapping | None:
    """Return one municipality's row."""
    return session.execute(select(table).where(table.c.id == municipality)).mappings().one_or_none()


def listed(session: Session) -> Sequence[RowMapping]:
    """Return all municipalities by name."""
    return session.execute(select(table).order_by(table.c.name)).mappings().all()


def within(session: Session, box: tuple[float, float, float, float]) -> Sequence[RowMapping]:
    """Return the municipalities whose centre lies in a box (west, south, east, north): ``id``, ``lon``, ``lat``."""
    west, south, east, north = box
    query = (
        select(table.c.id, place.c.lon, place.c.lat)
        .join(place, place.c.path == table.c.path)
        .where(place.c.lon.between(west, east), place.c.lat.between(south, north))
        .order_by(table.c.id)
    )
    return session.execute(query).mappings().all()


def names(session: Session, slugs: Iterable[str]) -> dict[str, str]:
    """Return what these municipalities are called, by id."""
    asked = sorted(set(slugs))
    found: dict[str, str] = {}
    for start in range(0, len(asked), _PAGE):
        query = select(table.c.id, table.c.name).where(table.c.id.in_(asked[start : start + _PAGE]))
        found |= {row.id: row.name for row in session.execute(query)}
    return found


def add_rows(session: Session, target: Any, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert reference rows that are not there yet, in pages; returns how many were offered."""
    count, page = 0, []
    insert = insert_for(session)(target).on_conflict_do_nothing()
    for row in rows:
        page.append(dict(row))
        if len(page) == 1000:  # noqa: PLR2004 - a page
            session.execute(insert, page)
            count, page = count + len(page), []
    if page:
        session.execute(insert, page)
    return count + len(page)


def add_places(session: Session, municipality: str, found: Iterable[tuple[str, str, str]]) -> None:
    """Remember local places (``path``, ``kind``, ``name``) that sources named below a municipality."""
    offered = {path: (kind, name) for path, kind, name in found}
    known = place_rows(session, list(offered))
    rows = [
        {"path": path, "kind": kind, "name": name, "sought": slug(name), "municipality_id": municipality}
        for path, (kind, name) in offered.items()
        if path not in known
    ]
    if rows:
        session.execute(insert_for(session)(place).on_conflict_do_nothing(), rows)
        feeds.touch_town(session, municipality)
        feeds.touch_town(session, municipality, private=True)  # "why" names places


def put_spots(session: Session, municipality: str, found: Mapping[str, tuple[float, float]]) -> int:
    """Write where local places of a municipality lie (longitude, latitude); returns how many lay elsewhere before."""
    known, moved = place_rows(session, list(found)), 0
    for path, (lon, lat) in found.items():
        row = known.get(path)
        if row is None or row["municipality_id"] != municipality or (row["lon"], row["lat"]) == (lon, lat):
            continue
        session.execute(update(place).where(place.c.path == path).values(lon=lon, lat=lat))
        moved += 1
    return moved


def local_places(session: Session, municipality: str, kind: str) -> Sequence[RowMapping]:
    """Return the zones, streets or districts of a municipality by name."""
    query = select(place).where(place.c.municipality_id == municipality, place.c.kind == kind)
    return session.execute(query.order_by(place.c.name)).mappings().all()


def streets_of(session: Session, municipality: str, topic: str) -> Sequence[RowMapping]:
    """Return the streets, by name, for which (or for some of whose house numbers) notices of ``topic`` are known."""
    found = select(notice_place.c.path).distinct().join(notice, notice.c.id == notice_place.c.notice_id)
    query = found.where(notice.c.municipality_id == municipality, notice.c.topic == topic)
    paths = {path.partition("/house:")[0] for path in session.scalars(query)}
    return [row for row in local_places(session, municipality, "street") if row["path"] in paths]


def place_name(session: Session, path: str) -> str:
    """Return what a place is called: its own name, or that of the nearest known place above it."""
    return place_names(session, [path])[path]


def place_names(session: Session, paths: Iterable[str]) -> dict[str, str]:
    """Return what each of these places is called, see :func:`place_name`."""
    above = {path: list(ancestors(path)) for path in paths}
    steps = sorted({step for several in above.values() for step in several})
    names: dict[str, str] = {}
    for start in range(0, len(steps), _PAGE):
        query = select(place.c.path, place.c.name).where(place.c.path.in_(steps[start : start + _PAGE]))
        names |= {row.path: row.name for row in session.execute(query)}
    return {path: next((names[step] for step in several if step in names), path) for path, several in above.items()}


def place_row(session: Session, path: str) -> RowMapping | None:
    """Return one place's row."""
    return session.execute(select(place).where(place.c.path == path)).mappings().one_or_none()


def place_rows(session: Session, paths: Sequence[str]) -> dict[str, RowMapping]:
    """Return the rows of these places by path, those that are known."""
    found: dict[str, RowMapping] = {}
    for start in range(0, len(paths), _PAGE):
        query = select(place).where(place.c.path.in_(paths[start : start + _PAGE]))
        found |= {row["path"]: row for row in session.execute(query).mappings()}
    return found


def secrets(session: Session) -> dict[str, str]:
    """Return the keys of this installation by name."""
    return {row.name: row.value for row in session.execute(select(secret))}


def secret_rows(session: Session, prefix: str) -> Sequence[RowMapping]:
    """Return the keys whose names begin with ``prefix``: ``name``, ``value``, ``created_at``."""
    query = select(secret).where(secret.c.name.startswith(prefix, autoescape=True))
    return session.execute(query).mappings().all()


def add_secret(session: Session, name: str, value: str, now: datetime) -> None:
    """Keep a key; one that is there already stays (subscriptions are bound to it)."""
    insert = insert_for(session)(secret).values(name=name, value=value, created_at=now)
    session.execute(insert.on_conflict_do_nothing())


def put_secret(session: Session, name: str, value: str, now: datetime) -> None:
    """Keep a key in the place of the one that has this name."""
    insert = insert_for(session)(secret).values(name=name, value=value, created_at=now)
    session.execute(
        insert.on_conflict_do_update(index_elements=[secret.c.name], set_={"value": value, "created_at": now})
    )


def drop_secret(session: Session, name: str) -> None:
    """Forget a key that serves nobody any more."""
    session.execute(delete(secret).where(secret.c.name == name))


def secrets_since(session: Session) -> dict[str, datetime]:
    """Return since when each key is what it is."""
    return {row.name: row.created_at for row in session.execute(select(secret))}


def zone_of(session: Session, row: RowMapping, topic: str, zone: str) -> tuple[str, str] | None:
    """Return path and name of a town, or of one of its streets or waste zones."""
    if not zone:
        return row["path"], row["name"]
    here = [*streets_of(session, row["id"], topic), *local_places(session, row["id"], "zone")]
    known = {one["path"].rpartition(":")[2]: one for one in here}
    if zone not in known:
        return None
    return known[zone]["path"], f"{row['name']}, {known[zone]['name']}"
