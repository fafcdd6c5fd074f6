"""A tender to a notice: texts per language, deadlines as occurrences, places, CPV, value and facts to compare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from feeds.tenders.facts import facts, lot_number
from feeds.tenders.places import NOWHERE
from feeds.tenders.tender import MODIFICATION, PAST, PLANNING, Lot, Tender, Texts, first_deadline, from_data
from feeds.tenders.wording import words
from hub.core.errors import SourceRefused
from hub.core.notice import Link, Notice, NoticeText, Occurrence, PlaceRef, Status, Value, notice_id
from hub.core.source import Item, Source

_LONGEST_BODY = 20_000
_LONGEST_LOT = 1_000
_COLLECTIONS = frozenset({"eforms", "ted"})  # formats that every notice of which names a place or a country
_MOST_LOTS = 50  # told in the body; the documents have them all


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice for ``item``. Raises ``SourceRefused`` if the item is a fault or not what ``parse`` gave."""
    if item.fault:
        raise SourceRefused(item.fault, subject=item.key)
    try:
        return _notice(from_data(item.data), source)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceRefused("The tender is not in the shape that was expected.", subject=item.key) from error


def _notice(tender: Tender, source: Source) -> Notice:
    """Build the notice. One without a deadline has no end: nobody said when it is over."""
    past = tender.stage in PAST
    status = Status.CANCELLED if tender.cancelled else Status.ACTIVE
    deadlines = [] if past else [datetime.fromisoformat(lot.deadline) for lot in tender.lots if lot.deadline]
    return Notice(
        id=notice_id(source.id, tender.key),
        key=tender.key,
        kind="tenders",
        topic=source.topic or "tenders",
        texts=tuple(_texts(tender)),
        status=status,
        category=tender.category,
        sent=datetime.fromisoformat(tender.published) if tender.published else None,
        expires=max(deadlines, default=None),
        places=_places(tender, source),
        occurrences=() if past else tuple(_occurrences(tender, status)),
        deadline=datetime.fromisoformat(first_deadline(tender.lots, tender.published)) if deadlines else None,
        cpv=tuple(tender.cpv),
        value=Value(tender.amount, tender.currency or "EUR") if tender.amount else None,
        url=tender.url,
        publisher=tender.buyer,
        attribution=tender.attribution,
        links=tuple(
            Link(rel, href, title)
            for rel, href, title in tender.links
            if href != tender.url and not (past and rel == "submission")
        ),
        references=tuple(one for one in dict.fromkeys(tender.references) if one != tender.key),
        facts=facts(tender),
    )


def _places(tender: Tender, source: Source) -> tuple[PlaceRef, ...]:
    """Return where it concerns people; a collection of many buyers' notices must not mean the source's own place."""
    named = tender.places or ([NOWHERE] if tender.attribution or tender.form in _COLLECTIONS else [])
    return tuple(PlaceRef(scheme, value, name) for scheme, value, name in named) or source.places


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
            summary = ": ".join(filter(None, [_head(lot, tender.lang), _in(lot.titles, tender.lang)]))
            yield Occurrence(key, datetime.fromisoformat(lot.deadline), summary=summary, status=status)
        seen.add(key)


def _texts(tender: Tender) -> Iterator[NoticeText]:
    """Yield the notice in each language that has a title, its own language first."""
    for lang, title in tender.titles.items():
        yield NoticeText(lang, title, _body(tender, lang))


def _body(tender: Tender, lang: str) -> str:
    """Return how it stands, what changed, the description, and the lots in short."""
    parts = [f"{words(lang).changed}: {tender.remarks[lang]}"] if tender.remarks.get(lang) else []
    parts += [*_state(tender, lang), tender.descriptions.get(lang, "")]
    lots = [_lot(lot, lang, tender) for lot in tender.lots[:_MOST_LOTS]]
    left = len(tender.lots) - _MOST_LOTS
    body = "\n\n".join(filter(None, [*parts, *lots, f"+ {left} {words(lang).more_lots}" if left > 0 else ""]))
    return body if len(body) <= _LONGEST_BODY else body[: _LONGEST_BODY - 2].rsplit(" ", 1)[0] + " …"


def _state(tender: Tender, lang: str) -> Iterator[str]:
    """Yield a line on where the procedure stands, if tenders cannot be handed in (any more, yet)."""
    ours = words(lang)
    if tender.stage == PLANNING:
        yield f"{ours.planned}."
    if tender.stage in PAST:
        done = ours.modified if tender.stage == MODIFICATION else ours.awarded
        yield f"{ours.no_award}." if tender.cancelled else done
        winners = [value for name, value in tender.facts if name == "winner"]
        if winners:
            yield f"{ours.winner}: {', '.join(winners)}"


def _lot(lot: Lot, lang: str, tender: Tender) -> str:
    """Return one lot in words: nothing of it that the notice itself has said already."""
    title, description = _in(lot.titles, lang), _in(lot.descriptions, lang)
    if description == tender.descriptions.get(lang, ""):
        description = ""
    if len(description) > _LONGEST_LOT:
        description = description[:_LONGEST_LOT].rsplit(" ", 1)[0] + " …"
    if len(tender.lots) == 1:
        return "\n".join(filter(None, ["" if title == tender.titles[lang] else title, description]))
    head = ": ".join(filter(None, [_head(lot, lang), title]))
    return "\n".join(filter(None, [head, description])) if title or description else ""


def _head(lot: Lot, lang: str) -> str:
    """Return "Los 2" for ``LOT-0002``, else the id as it is."""
    number = lot_number(lot.id)
    return f"{words(lang).lot} {number}" if number else lot.id


def _in(texts: Texts, lang: str) -> str:
    """Return the text in ``lang``, else in the first language."""
    return texts.get(lang) or next(iter(texts.values()), "")
