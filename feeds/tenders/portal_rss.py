"""RSS and Atom of tender portals (service.bund.de and the like): the facts stand in German prose."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime

from lxml import etree

from feeds._syndication.identity import Features, canonical, names, plain_title
from feeds.tenders import places, values
from feeds.tenders.tender import Lot, Tender
from feeds.tenders.xml_tree import local_name
from hub.core.errors import SourceRefused
from hub.core.source import Item

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it

_MONTHS = [
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
]
_MAX_ITEMS = 2000
_BUYER = r"Vergabestelle|Ausschreibungsstelle|Auftraggeber(?:in)?|Öffentlicher Auftraggeber|Ausschreibende Stelle"
_DEADLINE = (
    r"Angebotsfrist|Abgabefrist|Teilnahmefrist|Einreichungsfrist|Bewerbungsfrist|Ablauf der Angebotsfrist|"
    r"Ende der Angebotsfrist|Schlusstermin|Frist"
)
_PLACE = r"Erfüllungsort|Ausführungsort|Leistungsort|Ort der Leistung|Ort der Ausführung"
_VALUE = r"(?:Geschätzter |Voraussichtlicher )?(?:Auftragswert|Gesamtwert|Wert des Auftrags|Auftragsvolumen)"
_PROCEDURE = r"Verfahrensart|Vergabeart|Art der Vergabe|Vergabeverfahren"
_DAY = r"(?P<day>\d{1,2})\.\s*(?:(?P<month>\d{1,2})\.|(?P<name>[A-Za-zä]{3,9}))\s*(?P<year>\d{4})"
_CLOCK = r"(?:[\s,]*(?:um\s+)?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?:[:.]\d{2})?\s*(?:Uhr|h\b|$|\n))?"


def entries(root: Element) -> list[Element]:
    """Return the entries of an RSS 2.0, RSS 1.0 or Atom document; raise ``SourceRefused`` for anything else."""
    if local_name(root) not in ("rss", "RDF", "feed"):
        raise SourceRefused(f"The document <{local_name(root)[:60]}> is no news feed.")
    found = list(root.iter("{*}item", "{*}entry"))
    return found[:_MAX_ITEMS]


def read_all(root: Element, key: str, lang: str, zone: str) -> list[Tender | Item]:
    """Return the tenders of a feed, each once however its ids and addresses change, and a fault for each that is none.

    The names by which the next poll finds an entry again are those of ``feeds._syndication.identity``.
    """
    found: list[Tender] = []
    faults: list[Tender | Item] = []
    for count, entry in enumerate(entries(root)):
        try:
            found.append(read(entry, lang, zone))
        except SourceRefused as error:
            faults.append(Item(f"{key}#{count}", fault=str(error)))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
            faults.append(Item(f"{key}#{count}", fault=f"The entry is broken ({type(error).__name__})."))
    called = names([_features(one) for one in found])
    told = [
        replace(one, key=own[0], references=(*own[1:], one.key)) for one, own in zip(found, called, strict=True) if own
    ]
    return [*told, *faults]


def _features(tender: Tender) -> Features:
    return Features(
        link=canonical(tender.url),
        title=plain_title(tender.titles[tender.lang]),
        guid=tender.notice,
        date=tender.published,
        body=tender.descriptions.get(tender.lang, ""),
    )


def read(entry: Element, lang: str, zone: str) -> Tender:
    """Return the tender that ``entry`` tells of. Raises ``SourceRefused`` without a title or any identity."""
    title, link = values.one_line(_plain(_child(entry, "title"))), _link(entry)
    key = _child(entry, "guid").strip() or _child(entry, "id").strip() or link
    if not title or not key:
        raise SourceRefused("The entry has no title." if key else "The entry has neither an id nor a link.")
    prose = _plain(_child(entry, "description") or _child(entry, "summary") or _child(entry, "content"))
    deadline = _deadline(prose, zone)
    where = [place for line in _labelled(prose, _PLACE) for place in _places(line)]
    seat = [place for line in _labelled(prose, _BUYER) for place in places.in_prose(line)]
    amount, currency = _value(prose)
    return Tender(
        key=key[:500],
        notice=key[:500],
        lang=lang,
        titles={lang: title},
        descriptions={lang: prose} if prose else {},
        category="tender",
        lots=(Lot(id="", titles={}, deadline=deadline),) if deadline else (),
        form="rss",
        published=_published(entry, zone),
        buyer=next((values.one_line(line, 200) for line in _labelled(prose, _BUYER)), ""),
        cpv=values.cpv_codes(re.findall(r"CPV\D{0,30}?(\d{8})(?!\d)", f"{title}\n{prose}", re.ASCII)),
        places=places.concerned(where, seat, []),
        regions=places.regions(where, seat),
        amount=amount,
        currency=currency,
        facts=(("place", places.shown(where)), ("procedure", _procedure(prose))),
        url=link,
        cancelled=bool(re.match(r"\W*(?:Aufhebung|Aufgehoben|Zurückgezogen)\b", title, re.IGNORECASE)),
    )


def _child(entry: Element, name: str) -> str:
    """Return the text of a child, whatever its namespace."""
    found = entry.find(f"{{*}}{name}")
    return "".join(str(one) for one in found.itertext()) if found is not None else ""


def _link(entry: Element) -> str:
    """Return the entry's address, from RSS text or Atom attribute."""
    for one in entry.findall("{*}link"):
        if one.get("rel", "alternate") == "alternate" and (url := values.web_url(one.get("href") or one.text or "")):
            return url
    return ""


def _plain(markup: str) -> str:
    """Return the text of HTML ``markup``: breaks and blocks as line ends."""
    lines = re.sub(r"(?i)<\s*/?\s*(?:br|p|div|li|tr|dd|dt|h\d)\b[^<>]{0,500}>", "\n", markup[:100_000])
    return values.clean(html.unescape(re.sub(r"<[^<>]{0,2000}>", "", lines)))


def _labelled(prose: str, labels: str) -> Iterator[str]:
    """Yield what stands behind "Label:" to the end of the line."""
    for found in re.finditer(rf"(?:^|[\s(])(?:{labels})\s*:\s*([^\n]+)", prose, re.IGNORECASE):
        yield found[1].strip()


def _places(line: str) -> Iterator[tuple[str, str, str]]:
    """Yield the postcodes with their city: "12345 Musterdorf"."""
    for code, city in re.findall(r"\b(\d{5})\b\s*([^\d,;()]*)", line, re.ASCII):
        yield from places.address_places("", code, city)
    for code in re.findall(r"\bDE[0-9A-Z]{1,3}\b", line, re.ASCII):
        yield from places.address_places(code, "", "")


def _value(prose: str) -> tuple[float | None, str]:
    """Return the contract's value told in prose: "Auftragswert: 1.250.000,00 EUR"."""
    for line in _labelled(prose, _VALUE):
        found = re.match(r"(?:ca\.?\s*)?(?:EUR|€)?\s*(\d[\d.,\s\u00a0']{0,20})", line, re.IGNORECASE)
        if found and (number := values.money(found[1].strip().rstrip(".,-"))):
            return number, "EUR"
    return None, ""


def _procedure(prose: str) -> str:
    """Return the kind of procedure in the portal's own words: "Öffentliche Ausschreibung"."""
    return next((values.one_line(line, 100) for line in _labelled(prose, _PROCEDURE)), "")


def _deadline(prose: str, zone: str) -> str:
    """Return the deadline told in German: "27.03.2030 10:00 Uhr", "27. März 2030, 10 Uhr"; a bare day is whole."""
    for line in _labelled(prose, _DEADLINE):
        found = re.search(_DAY + _CLOCK, line, re.IGNORECASE)
        if found is None:
            continue
        month = int(found["month"]) if found["month"] else _month(found["name"])
        clock = f"{int(found['hour']):02}:{found['minute'] or '00'}" if found["hour"] else ""
        if text := values.moment(f"{found['year']}-{month:02}-{int(found['day']):02}", clock, zone):
            return text
    return ""


def _month(name: str) -> int:
    """Return the number of a German month, also shortened to three letters; 0 if there is none."""
    short = name.lower()
    return next((number for number, month in enumerate(_MONTHS, 1) if month.startswith(short[:3])), 0)


def _published(entry: Element, zone: str) -> str:
    """Return when the entry appeared (RFC 822 or RFC 3339)."""
    text = _child(entry, "pubDate").strip()
    if not text:
        dates = (_child(entry, name) for name in ("published", "updated", "date"))
        return next((found for one in dates if (found := values.timestamp(one, zone))), "")
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
    return values.timestamp(at.isoformat(), zone)
