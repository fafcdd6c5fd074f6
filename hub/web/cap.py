"""Notices as alerts of CAP 1.2, one per revision: what warns or stands in the way, for programs that read only this.

Pure. A warning that we read as CAP ourselves gets no second alert: its authority speaks for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from hub.core.changes import as_time
from hub.core.notice import Geometry, Notice, NoticeText, Position, Severity, Status
from hub.core.selection import is_over_at
from hub.web.syndication import FORBIDDEN

MEDIA_TYPE = "application/cap+xml"
_XMLNS = "urn:oasis:names:tc:emergency:cap:1.2"
_CATEGORIES = {"warnings": "Safety", "roads": "Transport"}
_TOPICS = frozenset(_CATEGORIES)
_ARS = 12  # digits
_LEAST = 3  # corners
_POINT_KM = 0.05  # a point is a small circle


@dataclass(frozen=True, slots=True)
class Told:
    """One revision: its ``identifier``, when it was ``sent``, whether it ended the notice, what it says."""

    identifier: str
    sent: datetime
    ends: bool
    notice: Notice


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose alerts they are: ``sender`` names it for ever, ``area`` are the ARS in which the notice holds."""

    sender: str
    name: str
    zone: str
    page: str
    area: Sequence[tuple[str, str]] = ()  # ARS or its beginning, and name
    events: Mapping[str, str] = field(default_factory=dict)  # by language, what sort of thing it is


def is_alert(notice: Notice) -> bool:
    """Whether a notice is also told as an alert."""
    warns = notice.topic in _TOPICS or notice.severity > Severity.UNKNOWN
    return warns and not notice.series and notice.kind != "cap" and notice.origin is None


def identifier(installation: str, slug: str, notice_id: str, revision: int) -> str:
    """Return the name of a revision's alert; what begins with an installation's id is its own wherever it is read."""
    return f"{installation}.{slug}.{notice_id}.{revision}"


def alert(issuer: Issuer, told: Told, earlier: Sequence[Told]) -> etree._Element:
    """Return the alert of a revision; it refers to those of all ``earlier`` ones."""
    root = etree.Element(f"{{{_XMLNS}}}alert", nsmap={None: _XMLNS})  # type: ignore[dict-item]
    _add(root, "identifier", told.identifier)
    _add(root, "sender", issuer.sender)
    _add(root, "sent", _moment(told.sent, issuer.zone))
    _add(root, "status", "Actual")
    _add(root, "msgType", "Cancel" if told.ends else "Update" if earlier else "Alert")
    _add(root, "scope", "Public")
    references = [f"{issuer.sender},{one.identifier},{_moment(one.sent, issuer.zone)}" for one in earlier]
    if references:
        _add(root, "references", " ".join(references))
    for text in told.notice.texts:
        _info(root, issuer, told, text)
    return root


def _info(root: etree._Element, issuer: Issuer, told: Told, text: NoticeText) -> None:
    notice, info = told.notice, _add(root, "info")
    begins = notice.valid_from or min((as_time(one.start) for one in notice.occurrences), default=None)
    expires = is_over_at(notice, notice.occurrences, issuer.zone)
    _add(info, "language", text.lang)
    _add(info, "category", _CATEGORIES.get(notice.topic, "Other"))
    _add(info, "event", issuer.events.get(text.lang) or text.title)
    if told.ends:
        _add(info, "responseType", "AllClear")
    _add(info, "urgency", _urgency(told, begins))
    _add(info, "severity", notice.severity.name.title())
    _add(info, "certainty", "Unknown")
    if begins is not None:
        _add(info, "onset", _moment(begins, issuer.zone))
    if expires is not None:
        _add(info, "expires", _moment(expires, issuer.zone))
    _add(info, "senderName", notice.publisher or issuer.name)
    _add(info, "headline", text.title)
    for name, words in (("description", text.body), ("instruction", text.instruction)):
        if words:
            _add(info, name, words)
    _add(info, "web", issuer.page)
    _area(info, issuer, notice)


def _urgency(told: Told, begins: datetime | None) -> str:
    if told.ends:
        return "Past"
    return "Immediate" if begins is None or begins <= told.sent else "Future"


def _area(info: etree._Element, issuer: Issuer, notice: Notice) -> None:
    area, shape = _add(info, "area"), notice.geometry or Geometry()
    named = [one.name for one in notice.places if one.name] or [name for _, name in issuer.area]
    _add(area, "areaDesc", ", ".join(dict.fromkeys(named)) or issuer.name)
    for ring in shape.polygons:
        if len(ring) >= _LEAST:
            _add(area, "polygon", _ring(ring))
    for centre, radius in (*shape.circles, *((point, _POINT_KM) for point in shape.points)):
        _add(area, "circle", f"{_pair(centre)} {radius:g}")
    for ars, _ in issuer.area:
        _geocode(area, "ARS", ars.ljust(_ARS, "0"))
    for ring in shape.exclusions:
        _geocode(area, "EXCLUDE_POLYGON", _ring(ring))


def _geocode(area: etree._Element, name: str, value: str) -> None:
    geocode = _add(area, "geocode")
    _add(geocode, "valueName", name)
    _add(geocode, "value", value)


def _ring(ring: Sequence[Position]) -> str:
    closed = ring if ring[0] == ring[-1] else (*ring, ring[0])
    return " ".join(_pair(one) for one in closed)


def _pair(position: Position) -> str:
    return f"{position[1]:.6f},{position[0]:.6f}"  # CAP orders latitude, longitude


def _moment(when: datetime, zone: str) -> str:
    """Write a time as CAP 1.2 (3.3.2) wants it: whole seconds, with an offset in digits."""
    return when.astimezone(ZoneInfo(zone)).replace(microsecond=0).isoformat()


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    child = etree.SubElement(parent, f"{{{_XMLNS}}}{name}")
    child.text = FORBIDDEN.sub(" ", text) or None
    return child


def ends(notice: Notice) -> bool:
    """Whether a revision says that its notice is called off."""
    return notice.status is Status.CANCELLED
