"""What changed, in the reader's words: "Angebotsfrist: Di 12.1. → Di 19.1., 10:00 Uhr". Pure.

The labels of fields and facts that mails, notifications and pages share. A fact whose code nobody named here is shown
under a general label, never under its code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from hub.core.difference import iso
from hub.core.message import Entry, FieldChange
from hub.core.notice import Moment, Notice, Status
from push import _wording as wording
from push._words import arrow, counted, number, tables

Line = tuple[str, str, str]  # label, before, after; each may be empty
_LABELS, _OF_TENDERS, _WORDS, _CODES, _SEVERITIES = (
    tables(one) for one in ("labels", "labels_of_tenders", "changes", "codes", "severities")
)
# Facts whose value is a code: eForms and OCDS (procedure types BT-105, natures of a contract BT-23, stages), CAP.
_CODED = frozenset({"stage", "status", "procedure", "contract", "result", "type", "urgency", "certainty"})
_UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
_DURATION = re.compile(r"P(\d{1,5})([DWMY])", re.ASCII)
_LOT = re.compile(r"lot\.([^.]{1,40})\.(\w{1,40})")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?", re.ASCII)
_MONEY = re.compile(r"(\d{1,15})\.(\d{2}) ([A-Z]{3})", re.ASCII)


def label(name: str, kind: str, tongue: str) -> str:
    """Return what readers call the field or fact ``name`` of a notice of ``kind``: ``Los 2, Frist``."""
    own = _OF_TENDERS[tongue] if kind == "tenders" else {}
    known, lot = _LABELS[tongue], _LOT.fullmatch(name)
    key = lot[2] if lot else name
    said = own.get(key) or known.get(key) or known.get(key.rpartition(".")[2]) or _WORDS[tongue]["other"]
    return _WORDS[tongue]["lot"].format(n=lot[1], label=said) if lot else said


def lines(changes: Sequence[FieldChange], kind: str, zone: str, tongue: str) -> list[Line]:
    """Return label, old and new value of each change, as a reader of ``tongue`` in ``zone`` compares them."""
    return [_line(one, kind, zone, tongue) for one in changes]


def written(line: Line, tongue: str) -> str:
    """Return a line as one text: ``Angebotsfrist: Di 12.1. → Di 19.1., 10:00 Uhr``."""
    named, before, after = line
    own = _WORDS[tongue]
    if not before and not after:
        return f"{named}: {own['text']}"
    if not before:
        return f"{named}: {own['new'].format(after=after)}"
    return f"{named}: {before} {arrow(tongue)} {after}"


def shown(changes: Sequence[FieldChange], kind: str, zone: str, tongue: str, *, most: int) -> list[str]:
    """Return at most ``most`` written lines, and how many there are besides."""
    found = [written(one, tongue) for one in lines(changes[:most], kind, zone, tongue)]
    left = more(len(changes) - most, tongue)
    return [*found, left] if left else found


def more(count: int, tongue: str) -> str:
    """Return the line that stands for ``count`` further changes; empty if there are none."""
    return counted("changes", count, tongue) if count > 0 else ""


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
        return counted(_UNITS[span[2]], int(span[1]), tongue)
    if name.rpartition(".")[2] in _CODED:
        return _CODES[tongue].get(text, text)
    if name == "severity":
        return _SEVERITIES[tongue].get(text.lower(), text)
    return wording.one_line(text)


def _line(one: FieldChange, kind: str, zone: str, tongue: str) -> Line:
    named = label(one.name, kind, tongue)
    if one.about and one.name in {"date", "location"}:
        named = _WORDS[tongue]["about"].format(label=named, about=one.about)
    before, after = _moved(one, zone, tongue) or [
        value(one.name, text, zone, tongue) for text in (one.before, one.after)
    ]
    if not one.after and one.before:
        after = _WORDS[tongue]["gone_date" if one.name == "date" else "gone"]
    return wording.one_line(named), before, after


def _moved(one: FieldChange, zone: str, tongue: str) -> tuple[str, str] | None:
    """Return two single moments with years where they differ, and a time of day that stays the same only once."""
    old, new = _moments(one.before), _moments(one.after)
    if len(old) != 1 or len(new) != 1:
        return None
    first, second = (wording.local(found[0], zone) for found in (old, new))
    year = first.year != second.year
    if isinstance(first, datetime) and isinstance(second, datetime) and first.time() == second.time():
        first = first.date()
    return wording.short(first, zone, tongue, year=year), wording.short(second, zone, tongue, year=year)


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
    amount = number(Decimal(f"{whole}.{cents}"), "#,##0.00" if cents != "00" else "#,##0", tongue)
    return f"{amount} {currency}"
