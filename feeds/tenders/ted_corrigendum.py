"""TED's corrigendum (F14 of R2.0.9): which section says what instead, applied to the notice that it corrects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from feeds.tenders import values
from feeds.tenders.ted_paths import Element, find, prose, text
from feeds.tenders.tender import CORRIGENDUM, Lot, Tender

_CLOSING = "IV.2.2"  # section of the closing date in F02, F05, F21, F22, F24
_MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class _Change:
    """One CHANGE: ``section`` and ``label`` say where; ``moment`` is the new date, if it is one."""

    section: str
    label: str
    lot: str
    old: str
    new: str
    moment: str
    cpv: tuple[str, ...]


def applied(tender: Tender, form: Element, zone: str) -> Tender:
    """Return the corrigendum in ``form`` as a tender that holds only what it says anew.

    A new closing date is its deadline (for the lot it names, else for all), everything is told in its remarks.
    """
    changes = list(_changes(form, zone))
    closing = [one for one in changes if one.section.startswith(_CLOSING) and one.moment]
    lots = tuple(Lot(id=one.lot, titles={}, deadline=one.moment) for one in closing)
    lines = [_told(one) for one in changes]
    more = prose(form, "CHANGES/INFO_ADD")
    remarks = "\n".join(filter(None, [*lines, more]))
    return replace(
        tender,
        category=CORRIGENDUM,
        lots=lots,
        cpv=tender.cpv or tuple(code for one in changes for code in one.cpv),
        remarks={tender.lang: remarks} if remarks else {},
    )


def amended(first: Tender, corrigendum: Tender) -> Tender:
    """Return ``first`` as ``corrigendum`` leaves it: its own dates and words, the rest as it was."""
    by_lot = {lot.id.lstrip("0"): lot.deadline for lot in corrigendum.lots}
    whole = by_lot.get("", "")
    lots = tuple(replace(lot, deadline=by_lot.get(lot.id.lstrip("0"), whole) or lot.deadline) for lot in first.lots)
    if not lots and corrigendum.lots:
        lots = tuple(corrigendum.lots)
    return replace(
        first,
        notice=corrigendum.notice,
        published=corrigendum.published,
        lots=lots,
        remarks={**first.remarks, **corrigendum.remarks},
        references=tuple(dict.fromkeys([*first.references, *corrigendum.references])),
        cancelled=first.cancelled or corrigendum.cancelled,
    )


def _changes(form: Element, zone: str) -> Iterator[_Change]:
    for one in find(form, "CHANGES/CHANGE")[:_MOST_CHANGES]:
        old, new = find(one, "OLD_VALUE")[:1], find(one, "NEW_VALUE")[:1]
        yield _Change(
            section=text(one, "WHERE/SECTION"),
            label=values.one_line(text(one, "WHERE/LABEL"), 200),
            lot=values.one_line(text(one, "WHERE/LOT_NO"), 40),
            old=_value(old[0]) if old else "",
            new=_value(new[0]) if new else "",
            moment=_moment(new[0], zone) if new else "",
            cpv=values.cpv_codes(code.get("CODE", "") for each in new for code in find(each, ".//CPV_CODE")),
        )


def _moment(value: Element, zone: str) -> str:
    return values.moment(text(value, "DATE"), values.padded(text(value, "TIME")), zone)


def _value(value: Element) -> str:
    """Return an old or new value in words: a date as Germans write it, codes, text."""
    day = text(value, "DATE")
    if day:
        year, _, rest = day.partition("-")
        month, _, number = rest.partition("-")
        return f"{number}.{month}.{year} {text(value, 'TIME')}".strip()
    codes = ", ".join(values.cpv_codes(code.get("CODE", "") for code in find(value, ".//CPV_CODE")))
    return codes or values.clean(prose(value, "TEXT"), 1000)


def _told(one: _Change) -> str:
    """Return one change as a line: ``IV.2.2 Schlusstermin: 14.03.2022 → 28.03.2022``."""
    head = " ".join(filter(None, [one.section, one.label]))
    if not (one.old or one.new):
        return head
    return f"{head}: {one.old or '–'} → {one.new or '–'}" if head else f"{one.old or '–'} → {one.new or '–'}"
