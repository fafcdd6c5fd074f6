"""What changed between two revisions of a notice, field by field, the most important first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from hub.core.changes import Moved, ended
from hub.core.message import FieldChange
from hub.core.notice import Moment, Notice, Occurrence, PlaceRef, Severity, Status

EXCERPT = 120  # characters of a text's excerpt on either side
_AROUND = 4  # words kept before and after what changed in a text
_OVER = "award"  # the stage at which deadlines have done their work

# What a reader must know first comes first; facts that are not named here stand at 9, parts of lots by their last word.
_RANKS = {
    "severity": 0, "status": 0, "stage": 1, "deadline": 2, "date": 3, "valid_from": 4, "expires": 5,
    "location": 6, "places": 6, "place": 6, "value": 7, "title": 8, "cpv": 10, "links": 11, "publisher": 11,
    "instruction": 12, "text": 13,
}  # fmt: skip
_FACT_RANK = 9
_WORDS = frozenset({"title", "instruction", "text"})


def difference(
    before: Notice, after: Notice, *, language: str = "", at: datetime | None = None, moved: Sequence[Moved] = ()
) -> tuple[FieldChange, ...]:
    """Return what a reader of ``language`` (empty: the notice's first) finds changed from ``before`` to ``after``.

    A date that is gone is a change only if it still lay ahead at ``at``. Of a timetable (``series``) only the dates
    in ``moved`` count: that new ones are added is no news. What one field says already is not said by another.
    """
    found = [*_plain(before, after), *_times(before, after, at, moved), *_facts(before, after)]
    found += _lists(before, after)
    if dict(_named(after)).get("stage") == _OVER:
        # An award repeats no deadlines and terms; that it leaves them out is no news.
        found = [one for one in found if one.after]
    found = [one for one in found if one.before != one.after] + list(_texts(before, after, language))
    return tuple(sorted(_once(found), key=lambda one: _rank(one.name)))


def iso(moment: Moment | None) -> str:
    """Return a moment as ISO 8601, a time in UTC; empty for ``None``."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else moment.isoformat()


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _rank(name: str) -> int:
    return _RANKS.get(name, _RANKS.get(_last(name), _FACT_RANK) if "." in name else _FACT_RANK)


def _once(found: Iterable[FieldChange]) -> Iterator[FieldChange]:
    """Leave out what repeats an earlier change of the same moments or amounts under another name."""
    seen: set[tuple[str, str]] = set()
    gone, come = set(), set()  # moments that earlier changes speak of
    for one in sorted(found, key=lambda one: (_rank(one.name), "." in one.name)):
        pair = (_canonical(one.before), _canonical(one.after))
        told = pair in seen or (one.name == "date" and "" in pair and (pair[0] in gone or pair[1] in come))
        if told and one.name not in _WORDS:
            continue
        seen.add(pair)
        gone |= {pair[0]} - {""}
        come |= {pair[1]} - {""}
        if "/" in one.before and "/" in one.after:  # a span speaks for its ends too
            seen |= set(zip(pair[0].split("/"), pair[1].split("/"), strict=False))
        yield one


def _canonical(text: str) -> str:
    """Return a moment in UTC, whatever its offset; anything else as it is."""
    try:
        found = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return text
    return iso(found) if found is not None and found.tzinfo else text


def _plain(before: Notice, after: Notice) -> Iterator[FieldChange]:
    """Yield what is one value each."""
    if Severity.UNKNOWN not in {before.severity, after.severity}:
        yield FieldChange("severity", before.severity.name.lower(), after.severity.name.lower())
    yield FieldChange("status", before.status.value, after.status.value)
    for name in ("valid_from",) if _by_parts(before, after) else ("deadline", "valid_from", "expires"):
        yield FieldChange(name, iso(getattr(before, name)), iso(getattr(after, name)))
    yield FieldChange("value", _money(before), _money(after))
    yield FieldChange("publisher", before.publisher, after.publisher)


def _by_parts(before: Notice, after: Notice) -> bool:
    """Whether parts with deadlines of their own (lots) changed differently: then the whole's would mislead."""
    old, new = _named(before), _named(after)
    names = [name for name in {**old, **new} if name.endswith(".deadline")]
    return len({(_canonical(old.get(name, "")), _canonical(new.get(name, ""))) for name in names}) > 1


def _money(notice: Notice) -> str:
    return f"{notice.value.amount:.2f} {notice.value.currency}" if notice.value else ""


def _times(
    before: Notice, after: Notice, at: datetime | None, moved: Sequence[Moved]
) -> Iterator[FieldChange]:  # fmt: skip
    """Yield the dates that moved, came or went, and where they take place."""
    for was, now in _pairs(before, after, moved):
        if was is not None and now is None and at is not None and ended(was, at):
            continue
        about = (now or was or Occurrence("", date.min)).summary
        yield FieldChange("date", _when(was), _when(now), about)
        if was is not None and now is not None:
            yield FieldChange("location", was.location, now.location, about)


def _pairs(
    before: Notice, after: Notice, moved: Sequence[Moved]
) -> list[tuple[Occurrence | None, Occurrence | None]]:  # fmt: skip
    """Return each date as it was and as it is: those known to have moved, then by key."""
    pairs: list[tuple[Occurrence | None, Occurrence | None]] = [(one.before, one.after) for one in moved]
    if before.series:
        return pairs
    old = {one.key: one for one in before.occurrences if one not in {move.before for move in moved}}
    new = {one.key: one for one in after.occurrences if one not in {move.after for move in moved}}
    if len(old) == len(new) == 1 and not old.keys() & new.keys():
        return [*pairs, *zip(old.values(), new.values(), strict=True)]  # the only date, under another name
    # A date under another name is the same date.
    kept, still = ({_when(one) for one in notice.occurrences} for notice in (after, before))
    lone = [key for key in old if key not in new and _when(old[key]) in kept]
    lone += [key for key in new if key not in old and _when(new[key]) in still]
    return [*pairs, *((old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new]) if key not in lone)]


def _when(one: Occurrence | None) -> str:
    """Return the span of a date; empty if there is none or it is called off."""
    if one is None or one.status is Status.CANCELLED:
        return ""
    return "/".join(filter(None, [iso(one.start), iso(one.end)]))


def _named(notice: Notice) -> dict[str, str]:
    """Return the facts by name; several of one name are one text."""
    found: dict[str, list[str]] = {}
    for fact in notice.facts:
        found.setdefault(fact.name, []).append(fact.value)
    return {name: ", ".join(values) for name, values in found.items()}


def _facts(before: Notice, after: Notice) -> Iterator[FieldChange]:
    old, new = _named(before), _named(after)
    for name in dict.fromkeys([*old, *new]):
        yield FieldChange(name, old.get(name, ""), new.get(name, ""))


def _lists(before: Notice, after: Notice) -> Iterator[FieldChange]:
    """Yield what fell away from the lists and what came to them: places, codes, documents."""
    yield _list("places", _places(before.places), _places(after.places))
    yield _list("cpv", dict.fromkeys(before.cpv), dict.fromkeys(after.cpv))
    old, new = ({one.href: one.title or _file(one.href) for one in notice.links} for notice in (before, after))
    gone, come = [old[one] for one in old if one not in new], [new[one] for one in new if one not in old]
    yield FieldChange("links", ", ".join(dict.fromkeys(gone)), ", ".join(dict.fromkeys(come)))


def _list(name: str, old: Iterable[str], new: Iterable[str]) -> FieldChange:
    """Return the whole lists if both are short, as a reader compares them; no change if only the order differs."""
    first, second = list(old), list(new)
    if set(first) == set(second):
        return FieldChange(name, "", "")
    return FieldChange(name, ", ".join(first[:10]), ", ".join(second[:10]))


def _places(refs: Iterable[PlaceRef]) -> dict[str, None]:
    """Return the places by the names a reader knows; codes only where no name is given at all."""
    all_refs = list(refs)
    return dict.fromkeys([one.name for one in all_refs if one.name] or [one.value for one in all_refs])


def _file(href: str) -> str:
    return href.partition("?")[0].rstrip("/").rpartition("/")[2] or href


def _texts(before: Notice, after: Notice, language: str) -> Iterator[FieldChange]:
    """Yield what changed in the words; a warning's own text may only be passed on whole, so of it no excerpt."""
    if not before.texts or not after.texts:
        return
    new = after.text(language) if language else after.texts[0]
    old = before.text(new.lang)
    whole = after.severity is Severity.UNKNOWN
    if old.title != new.title:
        yield FieldChange("title", old.title, new.title)
    for name, was, now in (("instruction", old.instruction, new.instruction), ("text", old.body, new.body)):
        if was.split() != now.split():
            yield FieldChange(name, *(excerpts(was, now) if whole else ("", "")))


def excerpts(before: str, after: str) -> tuple[str, str]:
    """Return the changed words of both texts between ``»`` and ``«``, with a few words around them."""
    old, new = before.split(), after.split()
    shortest = min(len(old), len(new))
    start = next((at for at in range(shortest) if old[at] != new[at]), shortest)
    left = shortest - start
    end = next((at for at in range(left) if old[-1 - at] != new[-1 - at]), left)
    return _excerpt(old, start, end), _excerpt(new, start, end)


def _excerpt(words: list[str], start: int, end: int) -> str:
    """Return ``words`` from ``start`` up to ``end`` from their end, marked, shortened in the middle."""
    stop = len(words) - end
    changed = _shortened(" ".join(words[start:stop]))
    if not changed:
        return ""
    head, tail = words[max(0, start - _AROUND) : start], words[stop : stop + _AROUND]
    parts = ["…" if start > _AROUND else "", *head, f"»{changed}«", *tail, "…" if end > _AROUND else ""]
    return " ".join(part for part in parts if part)


def _shortened(text: str) -> str:
    """Return ``text`` of at most ``EXCERPT`` characters, cut at a word."""
    if len(text) <= EXCERPT:
        return text
    return text[: EXCERPT - 2].rsplit(" ", 1)[0] + " …"
