"""Answers of the TED search API v3 (``POST /v3/notices/search``): the fields that ``ted_request`` asks for.

Texts are ``{language: text}`` or ``{language: [text, …]}``, codes are repeated once per lot, dates have an offset and
no time (``2026-11-17+02:00``), numbers may be text. Which list belongs to which lot is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from feeds.tenders import places, values
from feeds.tenders.tender import AWARD, MODIFICATION, OPEN, PAST, PLANNING, Lot, Tender, Texts
from hub.core.errors import SourceRefused

_MOST_LOTS = 500
_GERMAN_NUTS = re.compile(r"DE[1-9A-G][0-9A-Z]{0,2}", re.ASCII)  # DEU is the country
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{1,3}", re.ASCII)
_DEADLINES = ("deadline-receipt-tender", "deadline-receipt-request")
_ATTRIBUTION = "Quelle: TED, © Europäische Union (CC BY 4.0)"

Json = Mapping[str, Any]


def is_answer(data: Any) -> bool:
    """Whether a JSON document is an answer of this API."""
    return isinstance(data, dict) and isinstance(data.get("notices"), list)


def read(notice: Any, lang: str, zone: str) -> Tender:
    """Return one notice of an answer, ``lang`` first among its languages. Raises ``SourceRefused`` if it is none."""
    if not isinstance(notice, dict):
        raise SourceRefused("The notice is no JSON object.")
    number = values.ted_number(_first(notice.get("publication-number")))
    if not number:
        raise SourceRefused("The notice has no publication number.")
    titles = _texts(notice.get("title-proc"), lang) or _notice_titles(notice.get("notice-title"), lang)
    if not titles:
        raise SourceRefused("The notice has no title.")
    own = next(iter(titles))
    kind = _first(notice.get("notice-type"))
    stage = _stage(kind, _first(notice.get("form-type")))
    performed = [place for code in _strings(notice.get("place-of-performance")) for place in _region(code)]
    changed = values.notice_name(_first(notice.get("change-notice-version-identifier")))
    names = [changed, values.notice_name(_first(notice.get("notice-identifier"))), number]
    amount, currency = _value(notice)
    return Tender(
        key=_first(notice.get("procedure-identifier")) or changed or number,
        notice=number,
        version=_first(notice.get("notice-version")),
        lang=own,
        titles=titles,
        form="ted",
        stage=stage,
        descriptions=_texts(notice.get("description-proc"), own, values.LONGEST_TEXT),
        remarks=_texts(notice.get("change-description"), own, values.LONGEST_TEXT),
        category="award" if stage == AWARD else kind[:40],
        lots=tuple(_lots(notice, own, zone, past=stage in PAST)),
        published=values.moment(_first(notice.get("publication-date")), "00:00", zone),
        buyer=", ".join(dict.fromkeys(_texts_all(notice.get("buyer-name"), own)))[:500],
        cpv=values.cpv_codes(_strings(notice.get("classification-cpv"))),
        places=places.concerned(performed, [], []),
        regions=places.regions(performed, []),
        amount=amount,
        currency=currency,
        url=_page(notice, own, number),
        references=tuple(one for one in dict.fromkeys(names) if one),
        facts=(
            ("type", kind),
            ("place", ", ".join(dict.fromkeys(value for _, value, _ in performed))),
            ("buyer.place", ", ".join(dict.fromkeys(_texts_all(notice.get("buyer-city"), own)))),
        ),
        attribution=_ATTRIBUTION,
    )


def _stage(kind: str, form: str) -> str:
    """Return the stage by notice type (``can-modif``, ``cn-standard`` …), else by form type."""
    if "modif" in kind or form == "cont-modif":
        return MODIFICATION
    if kind.startswith(("can-", "veat")) or form in {"result", "dir-awa-pre", "completion"}:
        return AWARD
    if kind.startswith(("pin-", "pmc")) or form in {"planning", "consultation"}:
        # A prior information notice may itself call for competition; then its form says so.
        return OPEN if form == "competition" else PLANNING
    return OPEN


def _strings(value: Any) -> list[str]:
    """Return a value or list of values as texts; what is neither text nor number is left out."""
    listed = value if isinstance(value, list) else [value]
    return [str(one).strip() for one in listed if isinstance(one, str | int | float) and not isinstance(one, bool)]


def _first(value: Any) -> str:
    return next(iter(_strings(value)), "")[:300]


def _texts(value: Any, lang: str, limit: int = values.LONGEST_TITLE) -> Texts:
    """Return the texts by language, ``lang`` first, then English; "mul" is no language of its own."""
    found: dict[str, str] = {}
    cut = values.one_line if limit == values.LONGEST_TITLE else values.clean
    for code, text in value.items() if isinstance(value, dict) else [(lang, value)]:
        plain = cut("\n".join(dict.fromkeys(_strings(text))), limit)
        if plain:
            found.setdefault(values.language(str(code), lang), plain)
    return {tag: found[tag] for tag in sorted(found, key=lambda tag: (tag != lang, tag != "en"))}


def _texts_all(value: Any, lang: str) -> list[str]:
    """Return all texts in ``lang``, else in the first language that there is."""
    if not isinstance(value, dict):
        return [values.one_line(one, 200) for one in _strings(value)]
    by_lang = {values.language(str(code), lang): _strings(text) for code, text in value.items()}
    return [values.one_line(one, 200) for one in by_lang.get(lang) or next(iter(by_lang.values()), [])]


def _notice_titles(value: Any, lang: str) -> Texts:
    """Return the titles out of "country – name of the CPV code – title", which is what this field holds."""
    return {tag: title.split(" – ", 2)[-1] for tag, title in _texts(value, lang).items()}


def _region(code: str) -> Iterator[places.Place]:
    """Yield a NUTS region; three-letter codes of countries stand in the same list."""
    plain = code.upper()
    if _GERMAN_NUTS.fullmatch(plain) or (_NUTS.fullmatch(plain) and any(one.isdigit() for one in plain)):
        yield "nuts", plain, ""


def _lots(notice: Json, lang: str, zone: str, *, past: bool) -> Iterator[Lot]:
    """Yield the lots: title and date together where both lists are equally long, else one for each distinct date."""
    dates = [] if past else next((found for name in _DEADLINES if (found := _dates(notice, name, zone))), [])
    titles = _texts_all(notice.get("title-lot"), lang)
    if titles and len(titles) == len(dates) and len(dates) > 1:
        for count, (title, deadline) in enumerate(zip(titles, dates, strict=True), 1):
            yield Lot(id=f"LOT-{count:04}", titles={lang: title}, deadline=deadline)
        return
    distinct = sorted(dict.fromkeys(dates))[:_MOST_LOTS]
    for count, deadline in enumerate(distinct, 1):
        yield Lot(id=f"LOT-{count:04}" if len(distinct) > 1 else "", titles={}, deadline=deadline)


def _dates(notice: Json, name: str, zone: str) -> list[str]:
    days = _strings(notice.get(f"{name}-date-lot"))[:_MOST_LOTS]
    clocks: Sequence[str] = _strings(notice.get(f"{name}-time-lot"))
    if len(clocks) != len(days):
        clocks = [""] * len(days)
    return [found for day, clock in zip(days, clocks, strict=True) if (found := values.moment(day, clock, zone))]


def _value(notice: Json) -> tuple[float | None, str]:
    """Return the estimated value of the whole, else the sum over the lots."""
    for scope in ("proc", "lot"):
        sums = [number for one in _strings(notice.get(f"estimated-value-{scope}")) if (number := values.amount(one))]
        currencies = _strings(notice.get(f"estimated-value-cur-{scope}"))
        if sums:
            code = values.currency(next(iter(currencies), ""))
            return (sum(sums), code) if len(set(currencies)) <= 1 else (None, "")
    return None, ""


def _page(notice: Json, lang: str, number: str) -> str:
    """Return the notice's page in ``lang``, from the answer's links or by its number."""
    links = notice.get("links")
    pages = links.get("html") if isinstance(links, dict) else None
    by_lang = {values.language(str(code)): url for code, url in pages.items()} if isinstance(pages, dict) else {}
    found = by_lang.get(lang) or next(iter(by_lang.values()), "")
    plain = values.web_url(found) if isinstance(found, str) else ""
    return plain or f"https://ted.europa.eu/de/notice/-/detail/{number}"
