"""What a database still holds of a person: every column of every table that is really there, read without our schema."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import inspect, text

from hub.store.database import Store
from hub.store.subscribers import address_hash

OWNED = {"subscriber_id": "subscriber", "endpoint_id": "endpoint"}  # columns that hold a number of these


def spellings(*secrets: str) -> set[str]:
    """Return addresses, keys and links as they are and as they are hashed."""
    return {
        one
        for secret in secrets
        for one in (secret, secret.lower(), address_hash(secret), address_hash(secret.lower()))
    }


def words(store: Store, wanted: Collection[str]) -> set[str]:
    """Return ``table.column`` wherever one of the ``wanted`` texts stands, alone or within something longer."""
    return {
        f"{table}.{column}"
        for table, row in _rows(store)
        for column, value in row.items()
        if any(one in _text(value) for one in wanted)
    }


def numbers(store: Store, subscriber: int, endpoints: Collection[int]) -> set[str]:
    """Return ``table.column`` wherever the person or a way to reach them is named by number, packed ones included."""
    known = {"subscriber": {subscriber}, "endpoint": set(endpoints)}
    found = set()
    for table, row in _rows(store):
        for column, value in row.items():
            about = table if column == "id" else OWNED.get(column, "")
            if about in known and value in known[about]:
                found.add(f"{table}.{column}")
            if column == "ids" and known["endpoint"] & set(array("I", bytes(value or b""))):
                found.add(f"{table}.{column}")
    return found


def _rows(store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    with store.read() as session:
        for table in inspect(session.connection()).get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{table}"')).mappings():
                yield table, dict(row)


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
