"""Atom and RSS feeds of alerts: whole alerts in their entries, CAP's elements in them, or only links.

MeteoAlarm repeats one alert for each of its areas (``cap:message_type`` instead of ``msgType``); the NWS gives the
main elements and a link to the alert. Entries become ``<alert>`` trees; links become pointers to follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from lxml import etree

from feeds.cap.tree import NAMESPACES, add, all_text, new_alert
from hub.core.errors import SourceTooLarge

MOST_ENTRIES = 5_000
FEEDS = ("feed", "rss", "RDF")
MEDIA = "application/cap+xml"
_ATOM = "{http://www.w3.org/2005/Atom}"
_HEAD = ("identifier", "sender", "sent", "status", "msgType", "scope", "references")
_INFO = (
    "language", "category", "event", "responseType", "urgency", "severity", "certainty", "effective", "onset",
    "expires", "senderName", "headline", "description", "instruction", "web",
)  # fmt: skip
_AREA = ("areaDesc", "polygon", "circle")
_OTHER_NAMES = {"message_type": "msgType"}  # MeteoAlarm
_LOOKS_LIKE_CAP = re.compile(r"cap", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A document to fetch: ``key`` names it, ``stamp`` changes when it does; ``beside`` may be missing."""

    key: str
    stamp: str
    url: str
    beside: str = ""


def embedded(root: etree._Element) -> list[etree._Element]:
    """Return the whole alerts that stand in the entries of a feed."""
    return [one for namespace in NAMESPACES for one in root.iter(f"{{{namespace}}}alert")]


def inline(root: etree._Element) -> list[etree._Element]:
    """Return the alerts that a feed's entries tell by CAP's elements, one per identifier, with all their areas."""
    found: dict[str, etree._Element] = {}
    parts: dict[tuple[str, ...], etree._Element] = {}
    for entry in _entries(root):
        fields = _fields(entry)
        if not all(fields.get(name) for name in ("identifier", "status", "msgType")):
            continue
        alert = found.setdefault(fields["identifier"], new_alert())
        if not len(alert):
            _write(alert, fields, _HEAD)
        group = (fields["identifier"], *(fields.get(name, "") for name in _INFO))
        if group not in parts:
            parts[group] = add(alert, "info")
            _write(parts[group], fields, _INFO)
        area = add(parts[group], "area")
        _write(area, fields, _AREA)
        _copy_geocodes(entry, area)
    return list(found.values())


def pointers(root: etree._Element, base: str) -> list[Pointer]:
    """Return the alerts that a feed points to, each once, in its order; none if it is no index of alerts."""
    if embedded(root):
        return []
    found: dict[str, Pointer] = {}
    known = any(str(one).startswith("urn:oasis:names:tc:emergency:cap") for one in root.nsmap.values())
    for entry in _entries(root):
        link, sure = _link(entry, base)
        if link.startswith(("http://", "https://")) and (sure or known or _LOOKS_LIKE_CAP.search(link)):
            stamp = _plain(entry, "updated") or _plain(entry, "pubDate") or _plain(entry, "published")
            found.setdefault(link, Pointer(link, stamp, link))
    return list(found.values())


def count(root: etree._Element) -> int:
    """Return how many entries a feed has."""
    return len(_entries(root))


def _entries(root: etree._Element) -> list[etree._Element]:
    """Return a feed's entries. Raises ``SourceTooLarge`` for more than a continent's warnings."""
    found = list(islice(root.iter(f"{_ATOM}entry", "item", "{*}item"), MOST_ENTRIES + 1))
    if len(found) > MOST_ENTRIES:
        raise SourceTooLarge(f"The feed has more than {MOST_ENTRIES} entries.")
    return found


def _fields(entry: etree._Element) -> dict[str, str]:
    """Return CAP's elements of an entry by their CAP 1.2 names, filled up from the entry's own."""
    found: dict[str, str] = {}
    for child in entry:
        name = etree.QName(child)
        if name.namespace in NAMESPACES and not len(child):
            found.setdefault(_OTHER_NAMES.get(name.localname, name.localname), (child.text or "").strip())
    own = {
        "identifier": _plain(entry, "id") or _plain(entry, "guid") or _plain(entry, "link"),
        "sent": _plain(entry, "updated") or _plain(entry, "published"),
        "sender": "".join(one.text or "" for one in entry.iterfind(f"{_ATOM}author/{_ATOM}name")).strip(),
        # An index that anybody may read, and that does not say otherwise, is public (CAP 1.2, 3.2.1).
        "scope": "Public",
        "description": _plain(entry, "summary"),
    }
    if not found.get("event"):
        own["headline"] = _plain(entry, "title")
    return {name: value for name, value in own.items() if value} | {k: v for k, v in found.items() if v}


def _write(parent: etree._Element, fields: dict[str, str], names: Iterable[str]) -> None:
    for name in names:
        if fields.get(name):
            add(parent, name, fields[name])


def _copy_geocodes(entry: etree._Element, area: etree._Element) -> None:
    for namespace in NAMESPACES:
        for one in entry.iterfind(f"{{{namespace}}}geocode"):
            geocode = add(area, "geocode")
            for child in one:
                name = etree.QName(child).localname
                if name in ("valueName", "value"):
                    add(geocode, name, (child.text or "").strip())


def _link(entry: etree._Element, base: str) -> tuple[str, bool]:
    """Return the address of the alert behind an entry and whether the entry says that it is CAP."""
    links = [*entry.iterfind(f"{_ATOM}link"), *entry.iterfind("enclosure"), *entry.iterfind("{*}enclosure")]
    for one in links:
        if one.get("type", "").partition(";")[0].strip().lower() == MEDIA:
            return _joined(base, one.get("href") or one.get("url") or ""), True
    atom = next((one.get("href", "") for one in links if one.get("rel", "alternate") == "alternate"), "")
    found = atom or _plain(entry, "link")
    return (_joined(base, found) if found else ""), False


def _joined(base: str, found: str) -> str:
    """Return an absolute address; "" for one that is none."""
    try:
        return urljoin(base, found)
    except ValueError:  # half an IPv6 address
        return ""


def _plain(entry: etree._Element, name: str) -> str:
    """Return the text of an entry's own element, Atom's or RSS's."""
    for path in (f"{_ATOM}{name}", name, f"{{http://purl.org/rss/1.0/}}{name}"):
        found = entry.find(path)
        if found is not None:
            return all_text(found)
    return ""
