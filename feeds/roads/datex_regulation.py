"""DATEX II v3 TrafficRegulationPublication: a municipality's traffic order as one closure (French DiaLog's profile)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo

from lxml import etree

from feeds._json_body import finite, one_line, web_address
from feeds.roads.closure import MOST_SPANS, Closure, NotShownError, facts, with_words
from feeds.roads.datex_places import LOCATIONS, Whereabouts, read_places
from feeds.roads.datex_times import Validity, read_validity, text_of
from feeds.roads.datex_words import multilingual
from feeds.roads.words import LANGUAGES, composed, frame, sentence, shown, word, words
from feeds.roads.xml_stream import below, child, children, text, type_of
from hub.core.notice import NoticeText

_STANDS = re.compile(r"made\w*|experimental\w*|active|implemented|inForce", re.IGNORECASE)
_OVER = re.compile(r"revoked|repealed|cancelled|expired|suspended|withdrawn", re.IGNORECASE)
_CLOSED = frozenset({"noEntry", "accessDenied", "noAccess"})


def read_order(element: etree._Element, zone: tzinfo, own: str, language: str) -> Closure:
    """Return one ``trafficRegulationOrder``; ``own`` is the reader's language, ``language`` the publication's.

    Raises ``NotShownError`` for a draft, ``ValueError`` for one that regulates nothing.
    """
    status = text(element, "status")
    over = bool(_OVER.fullmatch(status))
    if status and not over and not _STANDS.fullmatch(status):
        raise NotShownError("traffic order that is not in force yet")
    regulations = children(element, "trafficRegulation")
    if not regulations:
        raise ValueError("The traffic order regulates nothing.")
    places = read_places([place for one in regulations for place in below(one, *LOCATIONS)])
    validity = _validity(element, regulations, zone)
    geometry, repairs = places.geometry()
    limits = list(dict.fromkeys(one for regulation in regulations for one in _types(regulation)))
    blocked = (
        bool(_CLOSED & set(limits)) and next(below(element, "VehicleCondition", "vehicleCharacteristics"), None) is None
    )
    closure = Closure(
        title=", ".join(places.roads) or one_line(text(element, "regulationId")),
        own_id=str(element.get("id", "")).strip()[:500],
        kind="closure" if blocked else "roadworks",
        category="TrafficRegulation",
        street=places.place(),
        streets=places.streets(),
        where="" if places.streets() else ", ".join(places.codes) or "no position",
        blocked=blocked,
        over=over,
        begin=validity.begin,
        end=validity.end,
        spans=validity.spans,
        url=next((url for one in below(element, "publicUrl") if (url := _public(text_of(one)))), ""),
        publisher=next((value for _, value in multilingual(child(element, "issuingAuthority"), language)), "")[:120],
        geometry=geometry,
        repairs=repairs,
        facts=facts(restriction=sentence(words("management", limits, "de" if own.startswith("de") else "en"))),
    )
    descriptions = dict(multilingual(child(element, "description"), language))
    texts = [
        _text(lang, limits, places, _lines(element, lang, limits, validity), descriptions)
        for lang in _languages(descriptions)
    ]
    return with_words(closure, *texts, language=own)


def _languages(descriptions: dict[str, str]) -> list[str]:
    return list(dict.fromkeys((*LANGUAGES, *descriptions)))


def _text(
    lang: str, limits: Sequence[str], places: Whereabouts, lines: Sequence[str], descriptions: dict[str, str]
) -> NoticeText:
    """Return the order in ``lang``: the road and what is forbidden in our words, the order's own text beneath."""
    roads = ", ".join(places.roads[:3])
    own = descriptions.get(lang) or next(iter(descriptions.values()), "")
    if lang not in LANGUAGES:
        return NoticeText(lang, (f"{roads}: {own}" if roads else own)[:300], "")
    return composed(lang, roads, _what(limits, lang), [*lines, own], blocked=False)


def _what(limits: Sequence[str], lang: str) -> str:
    return sentence(words("management", limits, lang)) or word("record", "TrafficRegulation", lang)


def _lines(element: etree._Element, lang: str, limits: Sequence[str], validity: Validity) -> list[str]:
    if lang not in LANGUAGES:
        return []
    first = f"{_what(limits, lang)} {_vehicles(element, lang)}".strip()
    return [first, *(pattern for known, pattern in validity.patterns if known == lang)]


def _validity(element: etree._Element, regulations: Sequence[etree._Element], zone: tzinfo) -> Validity:
    """Return the narrowest times that are said: those of the conditions, else of the order."""
    found = [read_validity(one, zone) for regulation in regulations for one in below(regulation, "validityByOrder")]
    whole = read_validity(child(element, "validityByOrder"), zone)
    found = found or [whole]
    patterns = tuple(dict.fromkeys(pair for one in found for pair in one.patterns))
    spans = tuple(dict.fromkeys(span for one in found for span in one.spans)) if all(one.spans for one in found) else ()
    return Validity(
        whole.begin or found[0].begin, whole.end or found[0].end, spans if len(spans) <= MOST_SPANS else (), patterns
    )


def _types(regulation: etree._Element) -> list[str]:
    kind = child(regulation, "typeOfRegulation")
    found = [text_of(one) for one in kind if text_of(one)] if kind is not None else []
    return found or ([type_of(kind)] if kind is not None and type_of(kind) else [])


def _vehicles(element: etree._Element, lang: str) -> str:
    """Return for whom it holds and for whom not: ``für Lkw über 7.5 t, außer Anlieger``."""
    kept: dict[bool, list[str]] = {False: [], True: []}
    for one in below(element, "conditions"):
        if type_of(one) != "VehicleCondition":
            continue
        negated = text(one, "negate").lower() == "true"
        kept[negated] += _kinds(child(one, "vehicleCharacteristics"), lang)
    held, free = (", ".join(dict.fromkeys(kept[negated])) for negated in (False, True))
    return ", ".join(
        filter(
            None, (f"{frame('for', lang)} {held}" if held else "", f"{frame('except', lang)} {free}" if free else "")
        )
    )


def _kinds(element: etree._Element | None, lang: str) -> list[str]:
    """Return the kinds of vehicles; a free description says more than the code beside it."""
    free = [one_line(one.text, 80) for one in below(element, "otherVehicleType")]
    named = free or words("vehicle", (text_of(one) for one in below(element, "vehicleType")), lang)
    tonnes = next((finite(one.text) for one in below(element, "grossVehicleWeight")), None)
    weight = " (" + shown(f"{tonnes:g}", lang) + " t)" if tonnes else ""
    return [f"{one}{weight}" for one in named]


def _public(url: str) -> str:
    """Return an address that a resident can open; one of the provider's own machine is none."""
    return "" if re.match(r"https?://(localhost|127\.)", url) else web_address(url)
