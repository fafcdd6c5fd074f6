"""Parse CAP: a zip bundle, one alert, or a feed with alerts in it, into one item per alert."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.cap.alert import key_in, meant_for_residents, read_alert
from feeds.cap.bundle import is_zip, members
from feeds.cap.coverage import cut_to, wanted
from feeds.cap.tree import alerts
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge
from hub.core.source import Document, Fetched, Item

MAX_BODY = 25_000_000  # bytes of one document


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per real, public alert; what is a test, an exercise or not public gets none.

    An alert that cannot be read becomes an item with a ``fault``. Of several messages with one identifier the
    latest ``sent`` stands. Raises ``SourceError`` when a document as a whole cannot be read.
    """
    areas = wanted(fetched.source.config.get("areas", ""))
    found: dict[str, Item] = {}
    for document in fetched.documents:
        for item in _items(document, areas):
            known = found.get(item.key)
            if known is None or _later(item, known):
                found[item.key] = item
    return list(found.values())


def _later(item: Item, known: Item) -> bool:
    """Whether ``item`` replaces ``known``: readable before unreadable, then the later one by its own word."""
    if item.fault or known.fault:
        return not item.fault
    return str(item.data["sent"]) > str(known.data["sent"])


def _items(document: Document, areas: tuple[str, ...]) -> Iterator[Item]:
    if len(document.body) > MAX_BODY:
        raise SourceTooLarge("The answer is larger than warnings can be.", subject=document.url)
    if not is_zip(document.body):
        yield from _alerts(document.body, "alert", areas)
        return
    for number, (name, content) in enumerate(members(document.body), 1):
        label = f"{number}:{name[-150:]}"
        if isinstance(content, str):
            yield Item(label, fault=content)
            continue
        try:
            yield from _alerts(content, label, areas)
        except SourceRefused as error:
            yield Item(label, fault=str(error))


def _alerts(body: bytes, label: str, areas: tuple[str, ...]) -> Iterator[Item]:
    """Yield the items of one XML file; ``label`` names an alert without identifier. Raises ``SourceRefused``."""
    for number, alert in enumerate(alerts(body), 1):
        key = f"{label}#{number}"
        try:
            key = key_in(alert)
            if not meant_for_residents(alert):
                continue
            data = cut_to(read_alert(alert), areas)
        except SourceError as error:
            yield Item(key, fault=str(error))
            continue
        if data is not None:
            yield Item(key, data)
