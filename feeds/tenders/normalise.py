"""A tender to a notice: texts per language, deadlines as occurrences, places, CPV and value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from feeds.tenders.tender import Lot, Tender, Texts, from_data
from hub.core.errors import SourceRefused
from hub.core.notice import Link, Notice, NoticeText, Occurrence, PlaceRef, Status, Value, notice_id
from hub.core.source import Item, Source

_KEPT = timedelta(days=60)  # how long a notice without a deadline is of interest
_LONGEST_BODY = 20_000
_LONGEST_LOT = 1_000
_MOST_LOTS = 50  # told in the body; the documents have them all
_WORDS = {
    "de": ("Geändert", "Los", "weitere Lose", "Auftrag vergeben"),
    "en": ("Changed", "Lot", "more lots", "Contract awarded"),
}


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice for ``item``. Raises ``SourceRefused`` if the item is a fault or not what ``parse`` gave."""
    if item.fault:
        raise SourceRefused(item.fault, subject=item.key)
    try:
        return _notice(from_data(item.data), source)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceRefused("The tender is not in the shape that was expected.", subject=item.key) from error


def _notice(tender: Tender, source: Source) -> Notice:
    """Build the notice."""
    award = tender.category == "award"
    status = Status.CANCELLED if tender.cancelled else Status.ACTIVE
    sent = _time(tender.published)
    deadline = None if award else _time(tender.deadline)
    places = tuple(PlaceRef(scheme, value, name) for scheme, value, name in tender.places)
    return Notice(
        id=notice_id(source.id, tender.key),
        key=tender.key,
        kind="tenders",
        topic=source.topic or "tenders",
        texts=tuple(_texts(tender)),
        status=status,
        category=tender.category,
        sent=sent,
        expires=_expires(tender, sent),
        places=places or source.places,
        occurrences=() if award else tuple(_occurrences(tender, status)),
        deadline=deadline,
        cpv=tuple(tender.cpv),
        value=Value(tender.amount, tender.currency or "EUR") if tender.amount else None,
        url=tender.url,
        publisher=tender.buyer,
        attribution=tender.attribution,
        links=tuple(Link(rel, href, title) for rel, href, title in tender.links if href != tender.url),
        references=tuple(one for one in tender.references if one != tender.key),
    )


def _time(text: str) -> datetime | None:
    """Read an ISO 8601 time, or ``None`` for an empty text."""
    return datetime.fromisoformat(text) if text else None


def _expires(tender: Tender, sent: datetime | None) -> datetime | None:
    """Return until when the notice is of use: its last deadline, else 60 days after it was sent."""
    deadlines = [datetime.fromisoformat(lot.deadline) for lot in tender.lots if lot.deadline]
    if deadlines and tender.category != "award":
        return max(deadlines)
    return sent + _KEPT if sent else None


def _occurrences(tender: Tender, status: Status) -> Iterator[Occurrence]:
    """Yield one date if all lots share it, else one per lot, keyed by the lot's own id."""
    dated = [lot for lot in tender.lots if lot.deadline]
    if len({datetime.fromisoformat(lot.deadline) for lot in dated}) == 1:
        yield Occurrence("deadline", datetime.fromisoformat(dated[0].deadline), status=status)
        return
    seen: set[str] = set()
    for count, lot in enumerate(dated, 1):
        key = f"deadline:{lot.id or count}"
        if key not in seen:
            summary = ": ".join(filter(None, [_number(lot, tender.lang), _in(lot.titles, tender.lang)]))
            yield Occurrence(key, datetime.fromisoformat(lot.deadline), summary=summary, status=status)
        seen.add(key)


def _texts(tender: Tender) -> Iterator[NoticeText]:
    """Yield the notice in each language that has a title, its own language first."""
    for lang, title in tender.titles.items():
        yield NoticeText(lang, title, _body(tender, lang))


def _body(tender: Tender, lang: str) -> str:
    """Return what changed, the description, and the lots in short."""
    changed, _, more, awarded = _words(lang)
    parts = [f"{changed}: {tender.remarks[lang]}"] if tender.remarks.get(lang) else []
    parts += [awarded] if tender.category == "award" else []
    parts.append(tender.descriptions.get(lang, ""))
    lots = [_lot(lot, lang, tender) for lot in tender.lots[:_MOST_LOTS]]
    left = len(tender.lots) - _MOST_LOTS
    body = "\n\n".join(filter(None, [*parts, *lots, f"+ {left} {more}" if left > 0 else ""]))
    return body if len(body) <= _LONGEST_BODY else body[: _LONGEST_BODY - 2].rsplit(" ", 1)[0] + " …"


def _lot(lot: Lot, lang: str, tender: Tender) -> str:
    """Return one lot in words: nothing of it that the notice itself has said already."""
    title, description = _in(lot.titles, lang), _in(lot.descriptions, lang)
    if description == tender.descriptions.get(lang, ""):
        description = ""
    if len(description) > _LONGEST_LOT:
        description = description[:_LONGEST_LOT].rsplit(" ", 1)[0] + " …"
    if len(tender.lots) == 1:
        return "\n".join(filter(None, ["" if title == tender.titles[lang] else title, description]))
    head = ": ".join(filter(None, [_number(lot, lang), title]))
    return "\n".join(filter(None, [head, description])) if title or description else ""


def _number(lot: Lot, lang: str) -> str:
    """Return "Los 2" for ``LOT-0002``, else the id as it is."""
    digits = lot.id.removeprefix("LOT-").lstrip("0")
    return f"{_words(lang)[1]} {digits}" if digits else lot.id


def _in(texts: Texts, lang: str) -> str:
    """Return the text in ``lang``, else in the first language."""
    return texts.get(lang) or next(iter(texts.values()), "")


def _words(lang: str) -> tuple[str, str, str, str]:
    """Return our own few words in ``lang``; English where we have no translation."""
    return _WORDS.get(lang.partition("-")[0], _WORDS["en"])
