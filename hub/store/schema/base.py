"""What all tables share: the metadata, UTC times, and the columns that recur."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware time, kept as UTC: ``timestamptz`` on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody could say when it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Ids(TypeDecorator[Sequence[int]]):
    """Many row ids in one value: 4 bytes each, little-endian, in the order given."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Sequence[int] | None, _dialect: Dialect) -> bytes | None:
        """Pack; ``OverflowError`` for an id beyond 2**32."""
        if value is None:
            return None
        packed = array("I", value)
        if sys.byteorder == "big":
            packed.byteswap()
        return packed.tobytes()

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> list[int] | None:
        """Unpack."""
        if value is None:
            return None
        packed = array("I", bytes(value))
        if sys.byteorder == "big":
            packed.byteswap()
        return packed.tolist()


def own_id() -> Column[int]:
    """Return a counted key."""
    return Column("id", Integer, primary_key=True)


def town() -> Column[str]:
    """Return the municipality that a row belongs to."""
    return Column(
        "municipality_id",
        String(64),
        ForeignKey("municipality.id", ondelete="CASCADE"),
        nullable=False,
    )


def of(
    name: str,
    target: str,
    kind: Any = Integer,
    *,
    key: bool = False,
    index: bool = False,
) -> Column[Any]:
    """Return a reference to ``target``; the row goes with what it belongs to."""
    return Column(
        name, kind, ForeignKey(target, ondelete="CASCADE"), nullable=False, primary_key=key, index=index
    )  # fmt: skip
