"""Notices as plain JSON and back: the one form that the store, the parser's child process and previews share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, cast

from hub.core.notice import (
    Fact,
    Geometry,
    Link,
    Moment,
    Notice,
    NoticeText,
    Occurrence,
    Origin,
    PlaceRef,
    Position,
    Severity,
    Status,
    Value,
)


def moment_to_json(moment: Moment | None) -> str | None:
    """Write a moment as ISO 8601: UTC with offset for a time, ``YYYY-MM-DD`` for a day."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else moment.isoformat()


def moment_from_json(text: str | None) -> Moment | None:
    """Read what :func:`moment_to_json` wrote."""
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def plain(value: Any) -> Any:
    """Turn one field into JSON: dataclasses to objects, tuples to lists, moments to ISO 8601, severity to its word."""
    if isinstance(value, Severity):
        return value.name.lower()
    if isinstance(value, date):
        return moment_to_json(value)
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return value


def to_json(notice: Notice) -> dict[str, Any]:
    """Write ``notice`` as a JSON object: every field (``origin`` if there is one), severity and status as words."""
    written = cast("dict[str, Any]", plain(notice))
    if notice.origin is None:
        del written["origin"]
    return written


def occurrence_from_json(data: Mapping[str, Any]) -> Occurrence:
    """Read one date as :func:`plain` wrote it."""
    start = moment_from_json(data["start"])
    if start is None:
        raise ValueError("an occurrence needs a start")
    return Occurrence(
        key=data["key"],
        start=start,
        end=moment_from_json(data.get("end")),
        summary=data.get("summary", ""),
        location=data.get("location", ""),
        status=Status(data.get("status", "active")),
    )


def _position(pair: Any) -> Position:
    return (float(pair[0]), float(pair[1]))


def geometry_from_json(data: Mapping[str, Any] | None) -> Geometry | None:
    """Read an area as :func:`plain` wrote it."""
    if data is None:
        return None
    return Geometry(
        points=tuple(_position(one) for one in data["points"]),
        lines=tuple(tuple(_position(one) for one in line) for line in data["lines"]),
        polygons=tuple(tuple(_position(one) for one in ring) for ring in data["polygons"]),
        circles=tuple((_position(centre), float(radius)) for centre, radius in data["circles"]),
        exclusions=tuple(tuple(_position(one) for one in ring) for ring in data.get("exclusions", ())),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _origin(data: Mapping[str, Any] | None) -> Origin | None:
    return Origin(**{**data, "hops": tuple(data["hops"])}) if data else None


def from_json(data: Mapping[str, Any]) -> Notice:
    """Read what :func:`to_json` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    plain = {
        name: data[name]
        for name in (
            "id",
            "key",
            "kind",
            "topic",
            "category",
            "url",
            "publisher",
            "attribution",
            "series",
        )
    }
    return Notice(
        **plain,
        texts=tuple(NoticeText(**one) for one in data["texts"]),
        severity=Severity[data["severity"].upper()],
        status=Status(data["status"]),
        sent=_time(data["sent"]),
        valid_from=_time(data["valid_from"]),
        expires=_time(data["expires"]),
        places=tuple(PlaceRef(**one) for one in data["places"]),
        geometry=geometry_from_json(data["geometry"]),
        occurrences=tuple(occurrence_from_json(one) for one in data["occurrences"]),
        deadline=_time(data["deadline"]),
        cpv=tuple(data["cpv"]),
        value=Value(**data["value"]) if data["value"] else None,
        links=tuple(Link(**one) for one in data["links"]),
        references=tuple(data["references"]),
        facts=tuple(Fact(**one) for one in data.get("facts", ())),
        origin=_origin(data.get("origin")),
    )


# Numbering, re-sending and the way here are not content: they change although nothing changed for a reader.
_VOLATILE = frozenset({"id", "key", "sent", "references", "origin"})


def content_hash(notice: Notice) -> str:
    """Return the sha256 (hex) of all that a reader would notice of ``notice``."""
    content = {name: value for name, value in to_json(notice).items() if name not in _VOLATILE}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
