"""What every installation begins with: official places, codes and holidays."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from hub import reference
from hub.core.errors import StoreError
from hub.core.place import slug
from hub.jobs import seal
from hub.looped import AUTH, PRIVATE, make_key
from hub.reference import tables
from hub.store import towns
from hub.store.database import Store
from hub.store.schema import code, holiday, place

YEARS_OF_HOLIDAYS = 3
_LAST_LAND = "16"  # a place that reference data has


def make_keys(store: Store, now: datetime) -> None:
    """Make the keys that are not there yet: of links, of pushes, of our own canary, and of feeds for others."""
    from push.webpush.crypto import make_vapid_key

    with store.begin() as session:
        towns.add_secret(session, "links", secrets.token_urlsafe(32), now)
        towns.add_secret(session, PRIVATE, make_key(), now)
        towns.add_secret(session, AUTH, secrets.token_urlsafe(16), now)
        seal.make(session, now)
        private, public = make_vapid_key()
        if "vapid_private" not in towns.secrets(session):
            towns.add_secret(session, "vapid_private", private, now)
            towns.add_secret(session, "vapid_public", public, now)


def is_ready(url: str) -> bool:
    """Whether the database at ``url`` has what all need: tables, keys and official places. Makes nothing."""
    store = Store(url)
    file = store.engine.url.database if store.sqlite else None
    try:
        if file is not None and not Path(file).exists():
            return False
        with store.read() as session:
            return PRIVATE in towns.secrets(session) and towns.place_row(session, _LAST_LAND) is not None
    except StoreError:
        return False
    finally:
        store.close()


def load_reference(store: Store, now: datetime) -> dict[str, int]:
    """Store official places, codes, and the holidays of this year and the next two; returns row counts."""
    years = range(now.year, now.year + YEARS_OF_HOLIDAYS)
    lands = [f"{number:02}" for number in range(1, 17)]
    with store.begin() as session:
        return {
            "places": towns.add_rows(
                session, place,
                (
                    {
                        "path": row.path, "kind": row.kind, "name": row.name, "sought": slug(row.name),
                        "population": row.population, "lat": row.lat, "lon": row.lon, "nuts": row.nuts,
                    }
                    for row in reference.load_rows()
                ),
            ),
            "codes": towns.add_rows(
                session, code,
                ({"scheme": scheme, "value": value, "label": label} for scheme, value, label in _codes()),
            ),
            "holidays": towns.add_rows(
                session, holiday,
                (
                    {"land": land, "day": day.isoformat(), "name": name}
                    for land in lands for year in years for day, name in reference.holidays(land, year).items()
                ),
            ),
        }  # fmt: skip


def _codes() -> Iterator[tuple[str, str, str]]:
    for scheme, table in (("cpv", tables.cpv()), ("nuts", tables.nuts()), ("warncell", tables.warn_cells())):
        yield from ((scheme, value, label) for value, label in table.items())
