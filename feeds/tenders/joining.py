"""Notices of one procedure become one tender: the same notice in two formats, corrigenda, results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime

from feeds.tenders import ted_corrigendum
from feeds.tenders.tender import CORRIGENDUM, PAST, Lot, Tender

_RICHER = ("eforms", "ted", "ocds", "rss")  # which of two formats of one notice tells more
_NEVER_FILLED = frozenset({"key", "notice", "form", "cancelled", "stage", "category", "lots", "references", "facts"})


def joined(tenders: Iterable[Tender]) -> list[Tender]:
    """Return one tender per procedure, in the order in which they first appear; the newest notice of it decides.

    Two notices belong together if one of them calls the other by any name. The order in which they lie in an
    archive makes no difference.
    """
    groups: dict[int, list[Tender]] = {}
    group_of: dict[str, int] = {}
    for number, tender in enumerate(tenders):
        names = {tender.key, *tender.references}
        met = sorted({group_of[name] for name in names if name in group_of})
        into = met[0] if met else number
        members = groups.setdefault(into, [])
        for other in met[1:]:
            members += groups.pop(other)
        members.append(tender)
        known = {name for one in members for name in (one.key, *one.references)} if len(met) > 1 else names
        group_of.update(dict.fromkeys(known, into))
    return [_one(members) for members in groups.values()]


def _one(members: Sequence[Tender]) -> Tender:
    """Return what the notices of one procedure come to, told in their order of time."""
    first, *later = sorted(_by_notice(members), key=_order)
    found = first
    for one in later:
        found = _continued(found, one)
    return replace(found, key=first.key)


def _by_notice(members: Sequence[Tender]) -> list[Tender]:
    """Return each notice once: two formats of it complete each other, a repetition falls away."""
    found: dict[str, Tender] = {}
    for one in sorted(members, key=lambda one: (_RICHER.index(one.form) if one.form in _RICHER else 9, _order(one))):
        known = found.get(one.notice)
        if known is None or (known.form == one.form and _order(one) > _order(known)):
            found[one.notice] = one
        elif known.form != one.form:
            found[one.notice] = completed(known, one)
    return list(found.values())


def completed(rich: Tender, other: Tender) -> Tender:
    """Return ``rich`` with what only ``other`` says of the same notice: empty fields, lots, facts, names."""
    missing = {
        field.name: getattr(other, field.name)
        for field in fields(Tender)
        if field.name not in _NEVER_FILLED and not getattr(rich, field.name)
    }
    own = {name for name, value in rich.facts if value}
    return replace(
        rich,
        **missing,
        lots=_lots(rich.lots, other.lots) if rich.lots else tuple(other.lots),
        facts=(*rich.facts, *(one for one in other.facts if one[0] not in own)),
        references=tuple(dict.fromkeys([*rich.references, other.key, *other.references])),
        cancelled=rich.cancelled or other.cancelled,
    )


def _lots(rich: Sequence[Lot], other: Sequence[Lot]) -> tuple[Lot, ...]:
    """Return the lots, each with what only the other format says of it."""
    by_id = {one.id: one for one in other}
    return tuple(_lot(one, by_id[one.id]) if one.id in by_id else one for one in rich)


def _lot(rich: Lot, other: Lot) -> Lot:
    missing = {field.name: getattr(other, field.name) for field in fields(Lot) if not getattr(rich, field.name)}
    return replace(rich, **missing)


def _continued(before: Tender, after: Tender) -> Tender:
    """Return the procedure after its next notice; it goes by all names of both."""
    if after.category == CORRIGENDUM and before.category != CORRIGENDUM:
        return ted_corrigendum.amended(before, after)
    lots = after.lots
    if after.form == "ocds" and after.stage not in PAST and not any(lot.deadline for lot in lots):
        # These exports leave deadlines out: that one is not there does not mean that it fell away.
        lots = _lots(lots, [replace(lot, titles={}, descriptions={}) for lot in before.lots]) if lots else before.lots
    references = dict.fromkeys([*before.references, *after.references, before.key, after.key])
    return replace(after, lots=tuple(lots), references=tuple(references))


def _order(tender: Tender) -> tuple[float, str, str]:
    """Return what the notices of a procedure are ordered by: time, version, and the id so that the order is total."""
    at = datetime.fromisoformat(tender.published).timestamp() if tender.published else 0.0
    return at, tender.version.zfill(5), tender.notice
