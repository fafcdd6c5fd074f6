"""DATEX II v2 and v3: SituationPublication, one closure per situation whatever the number of its records.

Read as a stream: a national feed of 10 MB needs no more room than its largest situation. Namespaces are not compared
(2_0 to 2_3, 3.x, national extensions), only local names. What is a test, an exercise, only a risk, or restricted is
not for residents. A situation whose records are all ended, cancelled or suspended says that the road is free.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial

from lxml import etree

from feeds.roads.closure import MOST_SPANS, Closure, NotShownError, Setting, facts, with_words
from feeds.roads.datex_places import Whereabouts, locations, read_places
from feeds.roads.datex_regulation import read_order
from feeds.roads.datex_times import Validity, read_validity
from feeds.roads.datex_words import Say, codes_of, comments
from feeds.roads.moments import read_moment, starts
from feeds.roads.prose_facts import facts_in
from feeds.roads.streets import named_districts, named_streets
from feeds.roads.wording import is_full_closure
from feeds.roads.words import LANGUAGES, composed, quoted
from feeds.roads.xml_stream import below, child, children, elements, local_name, text, type_of
from hub.core.errors import SourceRefused
from hub.core.notice import Moment

ROOTS = frozenset({"d2LogicalModel", "messageContainer", "payload", "situation", "payloadPublication"})
_HEADS = ("payload", "payloadPublication")
_READ = frozenset({"SituationPublication", "TrafficRegulationPublication"})
_PUBLISHERS = re.compile(r"restrictedToAuthoritiesTrafficOperators(And)?Publishers\w*")
_ENDED = ("end", "cancel")


def readers(body: bytes, setting: Setting) -> Iterator[Callable[[], Closure]]:
    """Yield what reads each situation of ``body``. Raises ``SourceRefused`` for another publication."""
    language = setting.language
    read: set[str] = set()
    for element in elements(body, ("situation", "trafficRegulationOrder"), _HEADS):
        name = local_name(element)
        if name in _HEADS and (kind := type_of(element)):
            read.add(kind)
            language = (element.get("lang") or language).lower()
        if not len(element):  # a head, or the root as it opened
            _check(read, alone=local_name(element.getroottree().getroot()) != "messageContainer")
        elif name == "situation":
            yield from _once(partial(read_situation, element, setting, language))
        elif name == "trafficRegulationOrder":
            yield from _once(partial(read_order, element, setting.zone, setting.language, language))
    _check(read, alone=True)


def _once(read: Callable[[], Closure]) -> Iterator[Callable[[], Closure]]:
    """Yield a reader of what was read just now: the element is forgotten before the reader could be asked."""
    try:
        closure = read()
    except ValueError as error:
        fault = error

        def fail() -> Closure:
            raise fault

        yield fail
    else:
        yield lambda: closure


def _check(kinds: set[str], *, alone: bool) -> None:
    others = sorted(kinds - _READ)
    if others and alone and not kinds & _READ:
        raise SourceRefused(
            f"This is DATEX II of another kind ({', '.join(others)[:100]}); situations and regulations can be read."
        )


def read_situation(element: etree._Element, setting: Setting, language: str) -> Closure:
    """Return one ``situation``. Raises ``NotShownError`` for one not meant for residents."""
    header = child(element, "headerInformation")
    check_header(text(header, "confidentiality"), text(header, "informationStatus"), setting)
    records = sorted(_shown(children(element, "situationRecord"), setting), key=lambda one: str(one.get("id", "")))
    standing = [one for one in records if not _is_over(one)]
    used = standing or records
    validity = _together([read_validity(child(one, "validity"), setting.zone) for one in used])
    places = read_places([place for one in used for place in locations(one)])
    says = codes_of(used)
    closure = _closure(element, used, validity, (says, places), setting)
    sent = [found for one in records if (found := _time(text(one, "situationRecordVersionTime"), setting.zone))]
    sent += [found for name in ("situationVersionTime",) if (found := _time(text(element, name), setting.zone))]
    closure = replace(closure, over=not standing, sent=max(sent, default=None))
    return _worded(closure, used, (validity, says, places), setting.language, language)


def check_header(confidentiality: str, status: str, setting: Setting) -> None:
    """Raise ``NotShownError`` for what is restricted, a test or an exercise."""
    if status not in {"", "real"}:
        raise NotShownError("test or exercise")
    if confidentiality in {"", "noRestriction"}:
        return
    if _PUBLISHERS.fullmatch(confidentiality):
        if not setting.publishers:
            raise NotShownError(
                "restricted to authorities, operators and publishers; set restricted=publishers if the provider "
                "lets you publish them"
            )
        return
    raise NotShownError("restricted to authorities and operators")


def _shown(records: list[etree._Element], setting: Setting) -> list[etree._Element]:
    """Return the records that residents may see. Raises as :func:`check_header` if there is none."""
    if not records:
        raise ValueError("The situation has no record.")
    found, reason = [], NotShownError("only a risk so far")
    for one in records:
        try:
            check_header(text(one, "confidentialityOverride"), "", setting)
        except NotShownError as error:
            reason = error
            continue
        if text(one, "probabilityOfOccurrence") != "riskOf":
            found.append(one)
    if not found:
        raise reason
    return found


def _is_over(record: etree._Element) -> bool:
    """Whether the source itself says that a record no longer holds (LifeCycleManagement, ValidityStatusEnum)."""
    cycle = child(record, "management", "lifeCycleManagement")
    ended = any(text(cycle, name).lower() in {"true", "1"} for name in _ENDED)
    return ended or text(record, "validity", "validityStatus") == "suspended"


def _together(found: list[Validity]) -> Validity:
    begins = [one.begin for one in found if one.begin]
    last = [one.end for one in found if one.end]
    spans = tuple(dict.fromkeys(span for one in found for span in one.spans))
    return Validity(
        begin=min(begins, key=_order, default=None),
        end=max(last, key=_order, default=None) if len(last) == len(found) else None,
        spans=spans if len(spans) <= MOST_SPANS and all(one.spans for one in found) else (),
        patterns=tuple(dict.fromkeys(pair for one in found for pair in one.patterns)),
        odd=any(one.odd for one in found),
    )


def _closure(
    element: etree._Element, records: list[etree._Element], validity: Validity, found: tuple[Say, Whereabouts],
    setting: Setting,
) -> Closure:  # fmt: skip
    quotes = comments(records, setting.language)
    german = "\n".join(value for lang, value in quotes if lang.startswith("de"))
    says, places = found
    geometry, repairs = places.geometry()
    source = next((value for one in records for value in _source(one)), "")
    full = says.blocked or is_full_closure(german)
    return Closure(
        title=places.place() or says.title(setting.language),
        own_id=str(element.get("id", "")).strip()[:500],
        kind="closure" if full else "roadworks",
        category=type_of(records[0])[:80],
        street=places.place(),
        streets=places.streets() or named_streets(german),
        districts=named_districts(german),
        where=", ".join(places.codes) or ("" if places.streets() else "no position"),
        blocked=full,
        begin=validity.begin,
        end=validity.end,
        spans=validity.spans,
        publisher=source,
        geometry=geometry,
        repairs=(*repairs, *(("unreadable-times",) if validity.odd else ())),
    )


def _source(record: etree._Element) -> Iterator[str]:
    name = child(record, "source", "sourceName")
    yield from (found for one in below(name, "value") if (found := " ".join((one.text or "").split())[:120]))


def _worded(
    closure: Closure, records: list[etree._Element], found: tuple[Validity, Say, Whereabouts], own: str, language: str
) -> Closure:  # fmt: skip
    """Return ``closure`` with the source's comments and, where a language has none, words for its codes."""
    validity, says, places = found
    quotes = dict(comments(records, language))
    made = []
    for lang in LANGUAGES:
        if lang not in quotes:
            lines = [*says.lines(lang, places), *(words for known, words in validity.patterns if known == lang)]
            foreign = next((quoted(known, value).title for known, value in quotes.items()), "")
            section = places.section(says.until(lang)) or ("" if places.place() else foreign)
            made.append(
                composed(lang, places.place(), says.what(lang), lines, section=section, blocked=closure.blocked)
            )
    tongue = "de" if own.lower().startswith("de") else "en"
    named = facts(
        restriction=says.restriction(tongue), reason=says.reason(tongue), detour=says.detour(tongue),
        direction=places.direction(tongue), length=f"{places.length} m" if places.length else "",
        speed_limit=f"{says.speed} km/h" if says.speed else "", lanes_closed=says.lanes_closed,
        lanes_open=says.lanes_open,
    )  # fmt: skip
    if german := quotes.get("de", ""):
        named = tuple((facts_in(german) | dict(named)).items())
    texts = [*(quoted(lang, value) for lang, value in quotes.items()), *made]
    return with_words(replace(closure, facts=named), *texts, language=own)


def _time(value: str, zone: tzinfo) -> datetime | None:
    found = read_moment(value, zone)
    return found if isinstance(found, datetime) else None


def _order(moment: Moment) -> float:
    return starts(moment, UTC).timestamp()
