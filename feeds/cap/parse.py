"""Parse CAP however it is wrapped: a zip bundle, one alert, a feed with alerts in it, JSON; one item per alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

from feeds.cap import index, nina
from feeds.cap.alert import key_in, not_for_residents, read_alert
from feeds.cap.bundle import is_zip, members
from feeds.cap.coverage import wanted
from feeds.cap.signature import Seal, seal_of
from feeds.cap.tree import CAP, NAMESPACES, root_of, text_of
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge
from hub.core.source import Document, Fetched, Item

MAX_BODY = 25_000_000  # bytes of one document
_NOTES = {
    "swapped-coordinates": "the outline's latitudes and longitudes were swapped",
    "open-outline": "an outline was not closed",
    "broken-outline": "an outline could not be read and was left out",
    "too-wide": "an outline spans half the world and was left out",
}


@dataclass
class _Reading:
    """What the settings ask for, and remarks with how often each was made."""

    areas: tuple[str, ...]
    senders: frozenset[str]
    without: frozenset[str]
    seal: Seal | None
    outlines: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    remarks: Counter[str] = field(default_factory=Counter)


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per real, public alert; what is a test, an exercise or not public gets none but is counted.

    An alert that cannot be read becomes an item with a ``fault``. Of several messages with one identifier the
    latest ``sent`` stands. Raises ``SourceError`` when a document as a whole cannot be read.
    """
    source = fetched.source
    senders, without = (
        frozenset(one.strip().casefold() for one in source.config.get(name, "").split(",") if one.strip())
        for name in ("sender", "without")
    )
    areas = wanted(source.config.get("areas", ""), source.places)
    reading = _Reading(areas, senders, without, seal_of(source.config, fetched.at))
    found: dict[str, Item] = {}
    for document in _without_outlines(fetched, reading):
        for item in _items(document, reading):
            known = found.get(item.key)
            if known is None or _later(item, known):
                found[item.key] = item
    notes = [Item("note", note=f"{number} × {text}") for text, number in sorted(reading.remarks.items())]
    return [*found.values(), *notes]


def _later(item: Item, known: Item) -> bool:
    """Whether ``item`` replaces ``known``: readable before unreadable, then the later one by its own word."""
    if item.fault or known.fault:
        return not item.fault
    return _moment(item.data["sent"]) > _moment(known.data["sent"])


def _moment(text: str) -> float:
    """Return a time for ordering; what is no time with an offset comes first."""
    try:
        found = datetime.fromisoformat(text)
        return found.timestamp() if found.tzinfo else 0.0
    except (ValueError, OverflowError):
        return 0.0


def _without_outlines(fetched: Fetched, reading: _Reading) -> list[Document]:
    """Set GeoJSON documents aside as the outlines of the warnings beside them."""
    kept = []
    for one in fetched.documents:
        _check_size(one)
        found = {}
        if len(fetched.documents) > 1 and _is_json(one.body):
            found = nina.outlines_in(nina.read(one))
        reading.outlines.update(found)
        if not found:
            kept.append(one)
    return kept


def _check_size(document: Document) -> None:
    if len(document.body) > MAX_BODY:
        raise SourceTooLarge("The answer is larger than warnings can be.", subject=document.url)


def _is_json(body: bytes) -> bool:
    return body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _items(document: Document, reading: _Reading) -> Iterator[Item]:
    if not is_zip(document.body):
        yield from _alerts(document, "alert", reading)
        return
    for number, (name, content) in enumerate(members(document.body), 1):
        label = f"{number}:{name[-150:]}"
        if isinstance(content, str):
            yield Item(label, fault=content)
            continue
        try:
            yield from _alerts(Document(name, "", content), label, reading)
        except SourceTooLarge:
            raise
        except SourceRefused as error:
            yield Item(label, fault=str(error))


def _alerts(document: Document, label: str, reading: _Reading) -> Iterator[Item]:
    """Yield the items of one file; ``label`` names an alert without identifier. Raises ``SourceRefused``."""
    for number, found in enumerate(_found(document, reading), 1):
        key = f"{label}#{number}"
        try:
            alert = _sealed(found, document.body, reading)
            key = key_in(alert)
            data = _read(alert, reading)
        except SourceError as error:
            yield Item(key, fault=str(error))
            continue
        if data is not None:
            yield Item(key, data)


def _found(document: Document, reading: _Reading) -> list[etree._Element]:
    """Return the alerts in one document, whatever its format. Raises ``SourceRefused``."""
    if _is_json(document.body):
        if reading.seal is not None:
            raise SourceRefused("The source must be signed, but JSON carries no signature.", subject=document.url)
        return nina.alerts(nina.read(document), reading.outlines)
    root = root_of(document.body)
    name = etree.QName(root)
    if name.localname == "alert":
        return [_named(root, name.namespace or "", reading)]
    if name.localname not in index.FEEDS:
        raise SourceRefused(f"This is no CAP alert: the file begins with <{name.localname[:40]}>.")
    found = index.embedded(root)
    if not found and reading.seal is None:
        found = index.inline(root)
    if not found and index.count(root):
        raise SourceRefused(_only_links(root, document.url))
    return found


def _only_links(root: etree._Element, url: str) -> str:
    pointed = len(index.pointers(root, url))
    if not pointed:
        return "This is a news feed without any alert of CAP in it; news are a kind of source of their own (rss)."
    return (
        f"This is an index that points to {pointed} alerts, each at its own address;"
        " give the index's own address (http…), so that they can be fetched."
    )


def _named(root: etree._Element, namespace: str, reading: _Reading) -> etree._Element:
    """Return an alert whose namespace is CAP's, or is missing; raise ``SourceRefused`` for a foreign one."""
    if namespace in NAMESPACES:
        return root
    if namespace:
        raise SourceRefused(f"The alert's namespace {namespace[:100]!r} is not CAP 1.1 or 1.2.")
    if reading.seal is None:
        for element in root.iter("{}*"):
            element.tag = f"{{{CAP}}}{etree.QName(element).localname}"
    reading.remarks["an alert has no namespace; it was read as CAP 1.2"] += 1
    return root


def _sealed(alert: etree._Element, body: bytes, reading: _Reading) -> etree._Element:
    """Return what is signed of ``alert``, if the source must be signed. Raises ``SourceRefused``."""
    if reading.seal is None:
        return alert
    whole = alert.getparent() is None
    return reading.seal.opened(body if whole else etree.tostring(alert, with_tail=False))


def _read(alert: etree._Element, reading: _Reading) -> dict[str, Any] | None:
    """Return an alert's data, or ``None`` if it is not for our residents. Raises ``SourceRefused``."""
    sender = text_of(alert, "sender")
    if reading.senders and sender.casefold() not in reading.senders:
        raise SourceRefused(f"The alert is from {sender[:80] or 'nobody'!r}, who may not speak through this source.")
    channel, point, _ = text_of(alert, "identifier").partition(".")
    if point and channel.lower() in reading.without:
        reading.remarks[f"an alert came through the channel {channel}, which the settings leave out"] += 1
        return None
    if why := not_for_residents(alert):
        reading.remarks[f"an alert is not meant for residents ({why}); it was left out"] += 1
        return None
    data = read_alert(alert, reading.areas)
    if data is None:
        reading.remarks["an alert concerns other places only; it was left out"] += 1
        return None
    for name in data.pop("repairs"):
        reading.remarks[_NOTES[name]] += 1
    del data["unread"]
    return data
