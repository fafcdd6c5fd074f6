"""What changed, in the reader's words: "Angebotsfrist: Di 12.1. → Di 19.1., 10:00 Uhr". German and English. Pure.

The labels of fields and facts that mails, notifications and pages share. A fact whose code nobody named here is shown
under a general label, never under its code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from hub.core.difference import iso
from hub.core.message import Entry, FieldChange
from hub.core.notice import Moment, Notice, Severity, Status
from push import _wording as wording

Line = tuple[str, str, str]  # label, before, after; each may be empty
_LABELS = {
    "de": {
        "severity": "Gefahr", "status": "Stand", "stage": "Stand", "deadline": "Frist", "date": "Termin",
        "valid_from": "Beginn", "expires": "Ende", "location": "Ort", "places": "Wo", "place": "Ort",
        "value": "Auftragswert", "title": "Titel", "text": "Text", "instruction": "Was zu tun ist",
        "cpv": "CPV-Codes", "links": "Unterlagen", "publisher": "Von", "buyer.place": "Sitz der Vergabestelle",
        "procedure": "Verfahren", "type": "Art der Bekanntmachung", "language": "Sprache der Angebote",
        "submission": "Abgabe", "duration": "Laufzeit", "winner": "Zuschlag an", "result": "Ergebnis",
        "opening": "Öffnung der Angebote", "detour": "Umleitung", "category": "Art", "contract": "Leistung",
        "questions": "Fragen bis", "least": "Auftragswert mindestens", "most": "Auftragswert höchstens",
        "start": "Ausführung ab", "end": "Ausführung bis",
    },
    "en": {
        "severity": "Danger", "status": "State", "stage": "State", "deadline": "Deadline", "date": "Date",
        "valid_from": "Begins", "expires": "Ends", "location": "Place", "places": "Where", "place": "Place",
        "value": "Contract value", "title": "Title", "text": "Text", "instruction": "What to do",
        "cpv": "CPV codes", "links": "Documents", "publisher": "From", "buyer.place": "Buyer’s seat",
        "procedure": "Procedure", "type": "Type of notice", "language": "Language of tenders",
        "submission": "Submission", "duration": "Duration", "winner": "Awarded to", "result": "Result",
        "opening": "Opening of tenders", "detour": "Detour", "category": "Kind", "contract": "Contract",
        "questions": "Questions until", "least": "Contract value at least", "most": "Contract value at most",
        "start": "Work begins", "end": "Work ends",
    },
}  # fmt: skip
_OWN = {"de": {"tenders": {"deadline": "Angebotsfrist"}}, "en": {"tenders": {"deadline": "Closing date"}}}
_WORDS = {
    "de": {
        "other": "Angaben", "lot": "Los {n}", "gone": "entfällt", "gone_date": "fällt aus", "new": "{after} (neu)",
        "more": "… und {n} weitere Änderungen", "more_one": "… und 1 weitere Änderung", "text": "geändert",
    },
    "en": {
        "other": "Details", "lot": "Lot {n}", "gone": "no longer given", "gone_date": "cancelled",
        "new": "{after} (new)", "more": "… and {n} more changes", "more_one": "… and 1 more change", "text": "changed",
    },
}  # fmt: skip
# Codes of eForms and OCDS: procedure types (BT-105), natures of a contract (BT-23), stages of a procedure.
_CODES = {
    "de": {
        "planning": "Vorinformation", "tender": "Ausschreibung läuft", "award": "Auftrag vergeben",
        "modification": "Auftrag geändert", "cancelled": "aufgehoben", "active": "gilt",
        "open": "offenes Verfahren", "restricted": "nicht offenes Verfahren",
        "neg-w-call": "Verhandlungsverfahren mit Teilnahmewettbewerb",
        "neg-wo-call": "Verhandlungsverfahren ohne Teilnahmewettbewerb", "comp-dial": "wettbewerblicher Dialog",
        "innovation": "Innovationspartnerschaft", "oth-single": "einstufiges Verfahren",
        "oth-mult": "mehrstufiges Verfahren", "comp-tend": "Wettbewerb",
        "selective": "nicht offenes Verfahren", "limited": "freihändige Vergabe", "direct": "Direktvergabe",
        "works": "Bauleistung", "supplies": "Lieferung", "goods": "Lieferung", "services": "Dienstleistung",
        "none": "kein Zuschlag", "cn-standard": "Auftragsbekanntmachung", "cn-social": "Auftragsbekanntmachung",
        "cn-desg": "Wettbewerb", "pin-only": "Vorinformation", "pin-buyer": "Hinweis im Beschafferprofil",
        "pin-cfc-standard": "Vorinformation als Aufruf", "pmc": "Markterkundung", "can-standard": "Vergebener Auftrag",
        "can-modif": "Auftragsänderung", "veat": "Freiwillige Vorab-Bekanntmachung",
    },
    "en": {
        "planning": "planned", "tender": "open for tenders", "award": "contract awarded",
        "modification": "contract changed", "cancelled": "cancelled", "active": "holds",
        "open": "open procedure", "restricted": "restricted procedure", "neg-w-call": "negotiated with prior call",
        "neg-wo-call": "negotiated without prior call", "comp-dial": "competitive dialogue",
        "innovation": "innovation partnership", "oth-single": "one-stage procedure",
        "oth-mult": "multi-stage procedure", "comp-tend": "competition",
        "selective": "selective procedure", "limited": "limited procedure",
        "direct": "direct award", "works": "works", "supplies": "supplies", "goods": "supplies",
        "services": "services", "none": "no award", "cn-standard": "contract notice", "cn-social": "contract notice",
        "cn-desg": "design contest", "pin-only": "prior information", "pin-buyer": "notice on a buyer profile",
        "pin-cfc-standard": "prior information as a call", "pmc": "market consultation",
        "can-standard": "contract award notice", "can-modif": "contract modification", "veat": "ex ante transparency",
    },
}  # fmt: skip
_CODED = frozenset({"stage", "status", "procedure", "contract", "result", "type"})
_UNITS = {
    "de": {"D": "{n} Tage", "W": "{n} Wochen", "M": "{n} Monate", "Y": "{n} Jahre"},
    "en": {"D": "{n} days", "W": "{n} weeks", "M": "{n} months", "Y": "{n} years"},
}
_DURATION = re.compile(r"P(\d{1,5})([DWMY])", re.ASCII)
_LOT = re.compile(r"lot\.([^.]{1,40})\.(\w{1,40})")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?", re.ASCII)
_MONEY = re.compile(r"(\d{1,15})\.(\d{2}) ([A-Z]{3})", re.ASCII)


def label(name: str, kind: str, tongue: str) -> str:
    """Return what readers call the field or fact ``name`` of a notice of ``kind``: ``Los 2, Frist``."""
    own = _OWN[tongue].get(kind, {})
    lot = _LOT.fullmatch(name)
    key = lot[2] if lot else name
    said = own.get(key) or _LABELS[tongue].get(key) or _LABELS[tongue].get(key.rpartition(".")[2])
    said = said or _WORDS[tongue]["other"]
    return f"{_WORDS[tongue]['lot'].format(n=lot[1])}, {said}" if lot else said


def lines(changes: Sequence[FieldChange], kind: str, zone: str, tongue: str) -> list[Line]:
    """Return label, old and new value of each change, as a reader of ``tongue`` in ``zone`` compares them."""
    return [_line(one, kind, zone, tongue) for one in changes]


def written(line: Line, tongue: str) -> str:
    """Return a line as one text: ``Angebotsfrist: Di 12.1. → Di 19.1., 10:00 Uhr``."""
    named, before, after = line
    words = _WORDS[tongue]
    if not before and not after:
        return f"{named}: {words['text']}"
    if not before:
        return f"{named}: {words['new'].format(after=after)}"
    return f"{named}: {before} → {after}"


def shown(changes: Sequence[FieldChange], kind: str, zone: str, tongue: str, *, most: int) -> list[str]:
    """Return at most ``most`` written lines, and how many there are besides."""
    found = [written(one, tongue) for one in lines(changes[:most], kind, zone, tongue)]
    left = more(len(changes) - most, tongue)
    return [*found, left] if left else found


def more(count: int, tongue: str) -> str:
    """Return the line that stands for ``count`` further changes; empty if there are none."""
    return _WORDS[tongue]["more_one" if count == 1 else "more"].format(n=count) if count > 0 else ""


def details(notice: Notice, zone: str, tongue: str) -> list[tuple[str, str]]:
    """Return label and value of what a notice says in figures and codes; lots stand in its text already."""
    found = [("value", f"{notice.value.amount:.2f} {notice.value.currency}")] if notice.value else []
    found += [(fact.name, fact.value) for fact in notice.facts if not _LOT.fullmatch(fact.name)]
    other = _WORDS[tongue]["other"]
    named = [(label(name, notice.kind, tongue), _in_full(name, text, zone, tongue)) for name, text in found]
    return [(said, shown) for said, shown in dict.fromkeys(named) if said != other and shown]


def _in_full(name: str, text: str, zone: str, tongue: str) -> str:
    """Return a value as :func:`value` does, a single moment with its year."""
    moments = _moments(text)
    return wording.full(moments[0], zone, tongue) if len(moments) == 1 else value(name, text, zone, tongue)


def besides(entry: Entry) -> tuple[FieldChange, ...]:
    """Return the changes of an entry that its moved date does not say already."""
    if entry.before is None or entry.occurrence is None:
        return entry.changes
    dropped = entry.occurrence.status is Status.CANCELLED
    said = (iso(entry.before.start), "" if dropped else iso(entry.occurrence.start))
    return tuple(one for one in entry.changes if (one.before.partition("/")[0], one.after.partition("/")[0]) != said)


def value(name: str, text: str, zone: str, tongue: str) -> str:
    """Return one value as readers write it: dates, spans, money and codes in words, anything else as it is."""
    if moments := _moments(text):
        return _span(moments, zone, tongue)
    if money := _MONEY.fullmatch(text):
        return _money(money, tongue)
    if span := _DURATION.fullmatch(text):
        return _UNITS[tongue][span[2]].format(n=int(span[1]))
    if name.rpartition(".")[2] in _CODED:
        return _CODES[tongue].get(text, text)
    if name == "severity":
        return wording.SEVERITIES[tongue].get(Severity.__members__.get(text.upper(), Severity.UNKNOWN), text)
    return wording.one_line(text)


def _line(one: FieldChange, kind: str, zone: str, tongue: str) -> Line:
    named = label(one.name, kind, tongue)
    if one.about and one.name in {"date", "location"}:
        named = f"{named} „{one.about}“" if tongue == "de" else f"{named} “{one.about}”"
    before, after = (value(one.name, text, zone, tongue) for text in (one.before, one.after))
    if not one.after and one.before:
        after = _WORDS[tongue]["gone_date" if one.name == "date" else "gone"]
    return wording.one_line(named), *_without_repeat(one, before, after, zone)


def _without_repeat(one: FieldChange, before: str, after: str, zone: str) -> tuple[str, str]:
    """Say years where they differ, and a time of day that stays the same only once."""
    old, new = _moments(one.before), _moments(one.after)
    if len(old) != 1 or len(new) != 1:
        return before, after
    first, second = (wording.local(found[0], zone) for found in (old, new))
    day_only = first
    if isinstance(first, datetime) and isinstance(second, datetime) and first.time() == second.time():
        day_only = first.date()
        before = before.partition(",")[0]
    if first.year != second.year:
        head, comma, tail = before.partition(",")
        before = f"{head}{'' if head.endswith('.') else ' '}{day_only.year}{comma}{tail}"
        head, comma, tail = after.partition(",")
        after = f"{head}{'' if head.endswith('.') else ' '}{second.year}{comma}{tail}"
    return before, after


def _moments(text: str) -> list[Moment]:
    """Return the moment or the two of a span that ``text`` is, else nothing."""
    parts = text.split("/")
    if not all(_MOMENT.fullmatch(part) for part in parts):
        return []
    try:
        return [datetime.fromisoformat(part) if "T" in part else date.fromisoformat(part) for part in parts][:2]
    except ValueError:
        return []


def _span(moments: list[Moment], zone: str, tongue: str) -> str:
    if len(moments) == 1:
        return wording.short(moments[0], zone, tongue)
    return wording.span(moments[0], moments[1], zone, tongue)


def _money(found: re.Match[str], tongue: str) -> str:
    """Return ``1.250,50 EUR`` (English ``1,250.50 EUR``), without cents where there are none."""
    whole, cents, currency = found.groups()
    grouped = f"{int(whole):,}"
    point = "."
    if tongue == "de":
        grouped, point = grouped.replace(",", "."), ","
    return f"{grouped}{point}{cents} {currency}" if cents != "00" else f"{grouped} {currency}"
