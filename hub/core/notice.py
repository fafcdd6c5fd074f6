"""The Notice: one normalised item with a stable id, and what it is made of.

Feeds make notices, the store keeps them, matching reads them, channels tell them. Times are aware
``datetime``; a whole day is a plain ``date``. Severity follows CAP 1.2 (3.2.2 ``severity``).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import TypeAlias

from hub.core.tongues import fitting

Moment: TypeAlias = datetime | date
Position: TypeAlias = tuple[float, float]  # WGS84 (longitude, latitude), as GeoJSON orders it


class Severity(IntEnum):
    """How bad it is, in the words and the order of CAP 1.2; ``UNKNOWN`` for everyday news."""

    UNKNOWN = 0
    MINOR = 1
    MODERATE = 2
    SEVERE = 3
    EXTREME = 4


class Status(StrEnum):
    """What the source itself says of the thing: it stands, or it is called off."""

    ACTIVE = "active"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NoticeText:
    """One language version. ``lang`` is a BCP 47 tag; ``html`` is already sanitised, or empty."""

    lang: str
    title: str
    body: str = ""
    html: str = ""
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """A place as the source names it; the hub resolves it to a path of the place tree.

    ``scheme``: ``ars`` (12 digits or a prefix), ``ags`` (8 digits), ``warncell`` (DWD WARNCELLID), ``emma``
    (MeteoAlarm EMMA_ID), ``nuts``, ``plz``, or a place below the source's own municipality: ``district``,
    ``street``, ``zone``, ``house`` (with its street: ``Ahornweg/1-57``).
    """

    scheme: str
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a notice covers on the ground: lines or single points, and closed rings (all WGS84).

    ``exclusions`` are rings that are cut out of the polygons and circles.
    """

    points: tuple[Position, ...] = ()
    lines: tuple[tuple[Position, ...], ...] = ()
    polygons: tuple[tuple[Position, ...], ...] = ()
    circles: tuple[tuple[Position, float], ...] = ()  # centre and radius in km (CAP 1.2 <circle>)
    exclusions: tuple[tuple[Position, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a notice: a pickup, a meeting, a deadline, the span of a closure.

    ``key`` is unique and stable within the notice. ``start`` and ``end`` are both ``date`` (whole days, end
    exclusive as in RFC 5545 3.6.1) or both aware ``datetime``. ``summary`` empty means the notice's title.
    """

    key: str
    start: Moment
    end: Moment | None = None
    summary: str = ""
    location: str = ""
    status: Status = Status.ACTIVE

    @property
    def all_day(self) -> bool:
        """Whether this is a whole day."""
        return not isinstance(self.start, datetime)


@dataclass(frozen=True, slots=True)
class Link:
    """A further document: ``rel`` in the words of the source's own standard (``invitation``, ``enclosure`` …)."""

    rel: str
    href: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that readers compare between two revisions: ``name`` is a stable code (``detour``, ``lot.2.deadline``).

    ``value`` is as it is shown, or an ISO 8601 moment, a number with unit, a code.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Value:
    """An amount of money; ``currency`` is ISO 4217."""

    amount: float
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a notice began that another installation passed to us (``hub.core.federation``).

    ``installation`` is its id, ``municipality`` and ``notice`` are names there, ``revision`` counts there. ``item`` is
    the name, the same everywhere, of what the notice was made of. ``hops`` are the installations that passed it on.
    """

    installation: str
    municipality: str
    notice: str
    revision: int
    item: str = ""
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One normalised item of one source.

    ``id`` comes from :func:`notice_id` and never changes; ``key`` is what the source calls the item and
    ``references`` are keys of earlier items that this one continues (CAP ``references``, a corrigendum).
    ``series`` marks a timetable (waste): its first appearance is no news, a moved date is. ``origin`` is set where
    another installation gave it to us.
    """

    id: str
    key: str
    kind: str
    topic: str
    texts: tuple[NoticeText, ...]
    severity: Severity = Severity.UNKNOWN
    status: Status = Status.ACTIVE
    category: str = ""  # the field's own code: canonical waste fraction, CAP event code, OCDS tag …
    sent: datetime | None = None
    valid_from: datetime | None = None
    expires: datetime | None = None
    places: tuple[PlaceRef, ...] = ()
    geometry: Geometry | None = None
    occurrences: tuple[Occurrence, ...] = ()
    deadline: datetime | None = None
    cpv: tuple[str, ...] = ()
    value: Value | None = None
    url: str = ""
    publisher: str = ""
    attribution: str = ""
    links: tuple[Link, ...] = ()
    references: tuple[str, ...] = ()
    series: bool = False
    facts: tuple[Fact, ...] = ()
    origin: Origin | None = None

    @property
    def title(self) -> str:
        """The title in the notice's first language."""
        return self.texts[0].title if self.texts else ""

    def text(self, lang: str) -> NoticeText:
        """Return the version for ``lang``: same tag, else the language in the plainness asked for, else the first."""
        if not self.texts:
            return NoticeText(lang, "")
        found = fitting(lang, [one.lang for one in self.texts])
        return next((one for one in self.texts if one.lang == found), self.texts[0])


def notice_id(source_id: str, key: str) -> str:
    """Return the stable id of item ``key`` of source ``source_id``: 26 characters of base32, lower case.

    URL-safe and short enough for a Web Push Topic (RFC 8030, 5.4: 32 characters).
    """
    digest = hashlib.sha256(f"{source_id}\0{key}".encode()).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
