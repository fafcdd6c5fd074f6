"""TED XML R2.0.9 (2014 to January 2024, standard forms F01 to F25): notices of the time before eForms.

A notice has no number of its procedure; it names earlier ones by their number in the Official Journal. A corrigendum
(F14) holds nothing but what it changes, see ``ted_corrigendum``.
"""

from __future__ import annotations

from collections.abc import Iterator

from feeds.tenders import places, ted_corrigendum, values
from feeds.tenders.ted_paths import Element, attribute, every, find, moment, money, prose, text
from feeds.tenders.tender import AWARD, MODIFICATION, OPEN, PAST, PLANNING, Lot, Tender
from hub.core.errors import SourceRefused

ROOT = "TED_EXPORT"
_MOST_LOTS = 500
_STAGES = {
    "F01": PLANNING, "F04": PLANNING, "F16": PLANNING,
    "F03": AWARD, "F06": AWARD, "F13": AWARD, "F15": AWARD, "F18": AWARD, "F25": AWARD, "F20": MODIFICATION,
}  # fmt: skip
_NO_TENDER = {"F08": "The notice is a buyer profile (F08), which is no procurement."}
# Procedure types by element name, as eForms code them (BT-105).
_PROCEDURES = {
    "PT_OPEN": "open", "PT_RESTRICTED": "restricted", "PT_COMPETITIVE_NEGOTIATION": "neg-w-call",
    "PT_NEGOTIATED_WITH_PRIOR_CALL": "neg-w-call", "PT_COMPETITIVE_DIALOGUE": "comp-dial",
    "PT_INNOVATION_PARTNERSHIP": "innovation", "PT_AWARD_CONTRACT_WITHOUT_CALL": "neg-wo-call",
    "PT_NEGOTIATED_WITHOUT_PUBLICATION": "neg-wo-call",
}  # fmt: skip
_VALUES = ("VAL_TOTAL", "VAL_ESTIMATED_TOTAL")


def read(root: Element, zone: str) -> Tender:
    """Return the notice in ``root``. Raises ``SourceRefused`` if it is no notice of a procurement."""
    number = values.ted_number(text(root, "CODED_DATA_SECTION/NOTICE_DATA/NO_DOC_OJS"))
    number = number or values.ted_number(root.get("DOC_ID", ""))
    if not number:
        raise SourceRefused("The notice has no number in the Official Journal.")
    forms = _forms(root)
    form, code = forms[0]
    if code in _NO_TENDER:
        raise SourceRefused(_NO_TENDER[code])
    lang = values.language(form.get("LG", ""))
    titles = {values.language(one.get("LG", "")): title for one, _ in forms if (title := _title(one))}
    if not titles:
        raise SourceRefused("The notice has no title.")
    earlier = _earlier(root, form)
    stage = _STAGES.get(code, OPEN)
    parts = tuple(_lots(form, lang, zone, past=stage in PAST))
    sites = [one for lot in find(form, ".//OBJECT_DESCR") for one in _performed(lot)]
    seat = _seat(form)
    amount, currency = money(form, *(f"OBJECT_CONTRACT/{one}" for one in _VALUES)) or _sum(parts)
    tender = Tender(
        key=earlier[0] if earlier else number,
        notice=number,
        lang=lang,
        titles={tag: titles[tag] for tag in sorted(titles, key=lambda tag: tag != lang)},
        form="ted",
        stage=stage,
        category="award" if stage == AWARD else code,
        descriptions={
            values.language(one.get("LG", "")): told
            for one, _ in forms
            if (told := prose(one, "OBJECT_CONTRACT/SHORT_DESCR"))
        },
        lots=parts,
        published=_published(root, zone),
        buyer=_buyer(form),
        cpv=values.cpv_codes(one.get("CODE", "") for one in find(form, ".//CPV_CODE")),
        places=places.concerned(sites, seat, []),
        regions=places.regions(sites, seat),
        amount=amount,
        currency=currency,
        url=_url(form, number),
        links=tuple(_links(form)),
        references=(*earlier, number),
        facts=tuple(_facts(form, sites, seat, zone)),
        attribution="Quelle: TED, © Europäische Union (CC BY 4.0)",
        cancelled=bool(find(form, ".//NO_AWARDED_CONTRACT")) and not find(form, ".//AWARDED_CONTRACT"),
    )
    return ted_corrigendum.applied(tender, form, zone) if code == "F14" else tender


def _forms(root: Element) -> list[tuple[Element, str]]:
    """Return the form in its original language first, then its translations, each with its number (``F02``)."""
    found = [(one, one.get("FORM", "").upper()[:3]) for section in find(root, "FORM_SECTION") for one in section]
    numbered = [pair for pair in found if pair[1].startswith("F")]
    if not numbered:
        raise SourceRefused("The notice holds no standard form (F01 to F25) of TED.")
    return sorted(numbered, key=lambda pair: pair[0].get("CATEGORY") != "ORIGINAL")


def _title(form: Element) -> str:
    return values.one_line(prose(form, "OBJECT_CONTRACT/TITLE"), values.LONGEST_TITLE)


def _earlier(root: Element, form: Element) -> tuple[str, ...]:
    """Return the numbers of the earlier notices of this procedure, the one that it answers first."""
    found = every(form, "COMPLEMENTARY_INFO/NOTICE_NUMBER_OJ") + every(form, "PROCEDURE/NOTICE_NUMBER_OJ")
    found += every(root, "CODED_DATA_SECTION/NOTICE_DATA/REF_NOTICE/NO_DOC_OJS")
    return tuple(dict.fromkeys(number for one in found if (number := values.ted_number(one))))


def _published(root: Element, zone: str) -> str:
    day = text(root, "CODED_DATA_SECTION/REF_OJS/DATE_PUB")
    return values.moment(f"{day[:4]}-{day[4:6]}-{day[6:8]}", "00:00", zone)


def _lots(form: Element, lang: str, zone: str, *, past: bool) -> Iterator[Lot]:
    """Yield the lots; the closing date is that of the whole procedure."""
    deadline = "" if past else moment(form, "PROCEDURE/{}_RECEIPT_TENDERS", zone)
    found = find(form, "OBJECT_CONTRACT/OBJECT_DESCR")[:_MOST_LOTS]
    if not found and deadline:
        yield Lot(id="", titles={}, deadline=deadline)
    for count, one in enumerate(found, 1):
        number = text(one, "LOT_NO") or ("" if len(found) == 1 else one.get("ITEM", str(count)))
        title = values.one_line(prose(one, "TITLE"))
        told = prose(one, "SHORT_DESCR")
        sum_ = money(one, "VAL_OBJECT")
        yield Lot(
            id=values.one_line(number, 40),
            titles={lang: title} if title else {},
            descriptions={lang: told} if told else {},
            deadline=deadline,
            amount=sum_[0] if sum_ else None,
            currency=sum_[1] if sum_ else "",
            place=values.one_line(prose(one, "MAIN_SITE"), 200) or places.shown(_performed(one)),
            cpv=values.cpv_codes(code.get("CODE", "") for code in find(one, ".//CPV_CODE")),
            facts=tuple(_period(one)),
        )


def _period(lot: Element) -> Iterator[tuple[str, str]]:
    for name, path in (("start", "DATE_START"), ("end", "DATE_END")):
        if found := values.day(text(lot, path)):
            yield name, found
    for one in find(lot, "DURATION")[:1]:
        if found := values.duration(one.text or "", one.get("TYPE", "")):
            yield "duration", found


def _performed(lot: Element) -> list[places.Place]:
    """Return where a lot is performed: the NUTS code, and a postcode in the words of the main site."""
    found = [place for one in find(lot, "NUTS") for place in places.address_places(one.get("CODE", ""), "", "")]
    return [*found, *places.in_prose(prose(lot, "MAIN_SITE"))]


def _seat(form: Element) -> list[places.Place]:
    address = next(iter(find(form, "CONTRACTING_BODY/ADDRESS_CONTRACTING_BODY")), None)
    if address is None:
        return []
    country = attribute(address, "COUNTRY", "VALUE")
    nuts = attribute(address, "NUTS", "CODE")
    return places.address_places(nuts, text(address, "POSTAL_CODE"), text(address, "TOWN"), country)


def _buyer(form: Element) -> str:
    found = every(form, "CONTRACTING_BODY/ADDRESS_CONTRACTING_BODY/OFFICIALNAME")
    found += every(form, "CONTRACTING_BODY/ADDRESS_CONTRACTING_BODY_ADDITIONAL/OFFICIALNAME")
    return ", ".join(dict.fromkeys(values.one_line(one, 200) for one in found if one))[:500]


def _sum(parts: tuple[Lot, ...]) -> tuple[float | None, str]:
    return values.total(
        {str(count): (lot.amount, lot.currency) for count, lot in enumerate(parts) if lot.amount is not None}
    )


def _url(form: Element, number: str) -> str:
    found = [*every(form, "CONTRACTING_BODY/URL_DOCUMENT"), f"https://ted.europa.eu/de/notice/-/detail/{number}"]
    return next((url for one in found if (url := values.web_url(one))), "")


def _links(form: Element) -> Iterator[tuple[str, str, str]]:
    for rel, path in (("documents", "URL_DOCUMENT"), ("submission", "URL_PARTICIPATION")):
        for one in dict.fromkeys(every(form, f"CONTRACTING_BODY/{path}")[:5]):
            if url := values.web_url(one):
                yield rel, url, ""


def _facts(
    form: Element, sites: list[places.Place], seat: list[places.Place], zone: str
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Yield the procedure, what is bought, the range of the value, opening, language and both places."""
    kinds = [one.tag.rpartition("}")[2] for procedure in find(form, "PROCEDURE") for one in procedure]
    yield "procedure", next((_PROCEDURES[one] for one in kinds if one in _PROCEDURES), "")
    yield "contract", attribute(form, "OBJECT_CONTRACT/TYPE_CONTRACT", "CTYPE").lower()
    for one in find(form, "OBJECT_CONTRACT/VAL_RANGE_TOTAL")[:1]:
        for name, bound in (("least", "LOW"), ("most", "HIGH")):
            number = values.amount(text(one, bound))
            yield name, f"{number:.2f} {values.currency(one.get('CURRENCY', ''))}" if number else ""
    yield "opening", moment(form, "PROCEDURE/OPENING_CONDITION/{}_OPENING_TENDERS", zone)
    tongues = (values.language(one.get("VALUE", ""), "") for one in find(form, "PROCEDURE/LANGUAGES/LANGUAGE"))
    yield "language", ", ".join(dict.fromkeys(filter(None, tongues)))
    yield "place", places.shown(sites)
    yield "buyer.place", places.shown(seat)
    winners = [values.one_line(one, 200) for one in every(form, ".//ADDRESS_CONTRACTOR/OFFICIALNAME")]
    yield "winner", ", ".join(dict.fromkeys(winners))[:500]
