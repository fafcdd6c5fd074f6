"""A closure as this kind passes it from parsing to normalising: one record whatever the source's format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, tzinfo
from typing import Any

from hub.core.codec import moment_from_json, moment_to_json
from hub.core.notice import Geometry, Moment, NoticeText, Position
from hub.core.source import Item

MOST_ENTRIES = 20_000  # of one answer
MOST_SPANS = 200  # dates of one closure; more of them stay a sentence


class NotShownError(ValueError):
    """An entry that is sound but not meant for residents; the sentence says what it is."""


@dataclass(frozen=True, slots=True)
class Closure:
    """One road work, closure or warning. All texts are plain; ``blocked`` says that the road is closed in full.

    ``own_id`` is the source's identifier, if it has one, ``aliases`` further names by which it may be known.
    ``kind`` is ``roadworks``, ``closure``, ``warning`` or empty; ``category`` the source's own word for it.
    ``streets`` and ``districts`` are what it affects, ``where`` a position that no table here can read.
    ``texts`` are complete language versions; without them title and ``lines`` are the text in the source's language.
    ``spans`` are single dates within begin and end, ``facts`` pairs of name and value, ``over`` the source's own word
    that the road is free again, ``repairs`` the names of what was put right.
    """

    title: str
    own_id: str = ""
    kind: str = ""
    category: str = ""
    street: str = ""
    streets: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    section: str = ""
    ars: str = ""
    where: str = ""
    lines: tuple[str, ...] = ()
    texts: tuple[NoticeText, ...] = ()
    blocked: bool = False
    over: bool = False
    begin: Moment | None = None
    end: Moment | None = None
    spans: tuple[tuple[Moment, Moment], ...] = ()
    sent: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()
    url: str = ""
    publisher: str = ""
    attribution: str = ""
    geometry: Geometry | None = None
    aliases: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What the source says about how to read it: its zone, its language, and whether publishers' data may be shown."""

    zone: tzinfo
    language: str
    publishers: bool = False


def to_item(closure: Closure, key: str) -> Item:
    """Return ``closure`` as an item of plain JSON."""
    shape = closure.geometry
    data = {one.name: getattr(closure, one.name) for one in fields(closure)} | {
        "texts": [asdict(one) for one in closure.texts],
        "geometry": shape and {"points": shape.points, "lines": shape.lines, "polygons": shape.polygons},
        "begin": moment_to_json(closure.begin),
        "end": moment_to_json(closure.end),
        "sent": moment_to_json(closure.sent),
        "spans": [[moment_to_json(one) for one in span] for span in closure.spans],
        **{name: list(getattr(closure, name)) for name in _LISTS},
    }
    return Item(key, data)


_LISTS = ("lines", "streets", "districts", "aliases", "repairs")


def from_item(item: Item) -> Closure:
    """Read what :func:`to_item` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    data = dict(item.data)
    sent = moment_from_json(data["sent"])
    return Closure(
        **data
        | {
            "begin": moment_from_json(data["begin"]),
            "end": moment_from_json(data["end"]),
            "sent": sent if isinstance(sent, datetime) else None,
            "spans": tuple((_moment(begin), _moment(end)) for begin, end in data["spans"]),
            "facts": tuple((str(name), str(value)) for name, value in data["facts"]),
            "texts": tuple(NoticeText(**one) for one in data["texts"]),
            "geometry": _geometry(data["geometry"]),
            **{name: tuple(data[name]) for name in _LISTS},
        }
    )


def facts(**named: str) -> tuple[tuple[str, str], ...]:
    """Return the facts that say something, in the order given."""
    return tuple((name, " ".join(value.split())[:500]) for name, value in named.items() if value.strip())


def with_words(closure: Closure, *texts: NoticeText, language: str) -> Closure:
    """Return ``closure`` with complete language versions, the source's own ``language`` first, each language once."""
    found: dict[str, NoticeText] = {}
    for one in texts:
        found.setdefault(one.lang.lower(), one)
    primary = language.partition("-")[0].lower()
    ordered = sorted(found.values(), key=lambda one: one.lang.partition("-")[0].lower() != primary)
    return replace(closure, texts=tuple(ordered))


def _moment(text: str) -> Moment:
    found = moment_from_json(text)
    if found is None:
        raise ValueError("a span needs both ends")
    return found


def _geometry(data: Mapping[str, Any] | None) -> Geometry | None:
    if data is None:
        return None
    return Geometry(
        points=tuple(_position(one) for one in data["points"]),
        lines=tuple(tuple(_position(one) for one in line) for line in data["lines"]),
        polygons=tuple(tuple(_position(one) for one in ring) for ring in data["polygons"]),
    )


def _position(pair: Any) -> Position:
    return (float(pair[0]), float(pair[1]))
