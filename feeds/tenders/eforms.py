"""eForms notices (UBL 2.3 XML of the eForms SDK 0.1 and 1.x, and their German form below the threshold).

Business terms (BT-…) as in Implementing Regulation (EU) 2019/1780; element paths as in the SDK's fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from feeds.tenders import eforms_result, places, values
from feeds.tenders.eforms_lots import ESTIMATED, MAXIMUM, MOST_LOTS, PROJECT, lots
from feeds.tenders.eforms_parties import Organisations
from feeds.tenders.eforms_paths import EXTENSION, Element, elements, every, money, text, texts
from feeds.tenders.tender import AWARD, MODIFICATION, OPEN, PAST, PLANNING, Lot, Tender
from feeds.tenders.xml_tree import local_name
from hub.core.errors import SourceRefused

ROOTS = {"ContractNotice", "PriorInformationNotice", "ContractAwardNotice"}
_DOCUMENTS = "cac:TenderingTerms/cac:CallForTendersDocumentReference/cac:Attachment/cac:ExternalReference/cbc:URI"
_CANCEL = "cancel"  # BT-140, code list change-corrig-justification
# Form types (BT-03, the code list's name of the notice type) by where they find a procedure.
_STAGES = {
    "planning": PLANNING, "consultation": PLANNING, "competition": OPEN, "result": AWARD, "dir-awa-pre": AWARD,
    "completion": AWARD, "cont-modif": MODIFICATION,
}  # fmt: skip
_BY_ROOT = {"PriorInformationNotice": PLANNING, "ContractAwardNotice": AWARD}
_OTHER_ROOTS = {
    "BusinessRegistrationInformationNotice": "The notice registers a company (X01, X02), which is no procurement."
}


def read(root: Element, zone: str) -> Tender:
    """Return the notice in ``root``. Raises ``SourceRefused`` if it lacks what makes it a notice.

    ``zone`` is meant where a time has no offset.
    """
    name = local_name(root)
    if name not in ROOTS:
        raise SourceRefused(_OTHER_ROOTS.get(name, f"The document <{name[:60]}> is no eForms notice of a procurement."))
    notice = text(root, "cbc:ID")
    if not notice:
        raise SourceRefused("The notice has no notice identifier.")
    lang = values.language(text(root, "cbc:NoticeLanguageCode"))
    stage = _stage(root)
    organisations = Organisations(root)
    parts = tuple(lots(root, lang, zone, organisations, past=stage in PAST))
    earlier = _earlier(root)
    buyers = every(root, "cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID")
    performed = _performed(root, organisations)
    seat = organisations.seats(buyers)
    amount, currency = _value(root)
    return Tender(
        key=text(root, "cbc:ContractFolderID") or (earlier[0] if earlier else notice),
        notice=notice,
        version=text(root, "cbc:VersionID"),
        lang=lang,
        titles=_titles(root, lang, parts),
        form="eforms",
        stage=stage,
        descriptions=texts(root, f"{PROJECT}/cbc:Description", lang),
        remarks=_remarks(root, lang),
        category="award" if stage == AWARD else text(root, f"{EXTENSION}/efac:NoticeSubType/cbc:SubTypeCode"),
        lots=parts,
        published=_published(root, zone),
        buyer=organisations.names(buyers, lang),
        cpv=values.cpv_codes(every(root, ".//cbc:ItemClassificationCode[@listName='cpv']")),
        places=places.concerned(performed, seat, organisations.leitweg(buyers)),
        regions=places.regions(performed, seat),
        amount=amount,
        currency=currency,
        url=_url(root),
        links=tuple(_links(root)),
        references=(*earlier, notice, *_ted_numbers(root)),
        facts=(*_facts(root, performed, seat), *eforms_result.facts(root, organisations, lang)),
        cancelled=_is_cancelled(root, stage),
    )


def _stage(root: Element) -> str:
    """Return where the notice finds the procedure."""
    kind = next(iter(elements(root, "cbc:NoticeTypeCode")), None)
    listed = _STAGES.get(kind.get("listName", "")) if kind is not None else None
    return listed or _BY_ROOT.get(local_name(root), OPEN)


def _is_cancelled(root: Element, stage: str) -> bool:
    """Whether the notice calls off the procedure: by its reason, or by a result without any award."""
    reasons = every(root, f"{EXTENSION}/efac:Changes/efac:ChangeReason/cbc:ReasonCode")
    return _CANCEL in reasons or (stage == AWARD and eforms_result.fell_through(root))


def _titles(root: Element, lang: str, parts: tuple[Lot, ...]) -> dict[str, str]:
    """Return the titles by language (BT-21), those of the first lot if the whole has none; refuse a nameless notice."""
    titles = texts(root, f"{PROJECT}/cbc:Name", lang, values.LONGEST_TITLE)
    titles = titles or next((dict(lot.titles) for lot in parts if lot.titles), {})
    if not titles:
        raise SourceRefused("The notice has no title.")
    return titles


def _earlier(root: Element) -> tuple[str, ...]:
    """Return the ids (without version) of the notices that this one changes (BT-758, BT-1501)."""
    found = every(root, f"{EXTENSION}/efac:Changes/efbc:ChangedNoticeIdentifier")
    found += every(root, f"{EXTENSION}/efac:ContractModification/efbc:ChangedNoticeIdentifier")
    return tuple(dict.fromkeys(values.notice_name(one) for one in found if one))


def _ted_numbers(root: Element) -> Iterator[str]:
    """Yield the notice's number in the Official Journal (OPP-010), by which later ones may call it."""
    if number := values.ted_number(text(root, f"{EXTENSION}/efac:Publication/efbc:NoticePublicationID")):
        yield number


def _remarks(root: Element, lang: str) -> dict[str, str]:
    """Return what a corrigendum says it changes and why (BT-141, BT-762), by language."""
    found: dict[str, list[str]] = {}
    for path in ("efac:Change/efbc:ChangeDescription", "efac:ChangeReason/efbc:ReasonDescription"):
        for holder in ("efac:Changes", "efac:ContractModification"):
            for one in elements(root, f"{EXTENSION}/{holder}/{path}"):
                plain = values.clean(one.text or "", 2000)
                if plain:
                    found.setdefault(values.language(one.get("languageID", ""), lang), []).append(plain)
    return {tag: "\n".join(dict.fromkeys(lines)) for tag, lines in found.items()}


def _published(root: Element, zone: str) -> str:
    """Return when the notice was published in the Official Journal, else when it was sent (BT-05)."""
    day = text(root, f"{EXTENSION}/efac:Publication/efbc:PublicationDate")
    if day:
        return values.moment(day, "00:00:00", zone)
    return values.moment(text(root, "cbc:IssueDate"), text(root, "cbc:IssueTime") or "00:00:00", zone)


def _performed(root: Element, organisations: Organisations) -> list[places.Place]:
    """Return where the contract is performed (BT-5071, BT-5131)."""
    addresses = elements(root, f".//{PROJECT}/cac:RealizedLocation/cac:Address")
    return [place for address in addresses for place in organisations.address(address)]


def _facts(root: Element, performed: list[places.Place], seat: list[places.Place]) -> Iterator[tuple[str, str]]:
    """Yield the procedure, what is bought, and both places: that of the performance and the buyer's."""
    yield "procedure", text(root, "cac:TenderingProcess/cbc:ProcedureCode")
    yield "contract", text(root, f"{PROJECT}/cbc:ProcurementTypeCode")
    yield "type", text(root, "cbc:NoticeTypeCode")
    most = money(root, f"{PROJECT}/{MAXIMUM}")
    yield "most", f"{most[0]:.2f} {most[1]}" if most else ""
    yield "place", places.shown(performed)
    yield "buyer.place", places.shown(seat)


def _value(root: Element) -> tuple[float | None, str]:
    """Return the awarded (BT-161) or estimated value (BT-27), else the sum over the lots, with its currency."""
    found = money(root, f"{EXTENSION}/efac:NoticeResult/cbc:TotalAmount", f"{PROJECT}/{ESTIMATED}")
    if found:
        return found
    by_lot = {
        str(count): sum_
        for count, one in enumerate(elements(root, "cac:ProcurementProjectLot")[:MOST_LOTS])
        if (sum_ := money(one, f"{PROJECT}/{ESTIMATED}"))
    }
    return values.total(by_lot)


def _url(root: Element) -> str:
    """Return where the procurement documents are (BT-15), else the notice's page at TED, else the buyer's profile."""
    number = next(_ted_numbers(root), "")
    ted = f"https://ted.europa.eu/de/notice/-/detail/{number}" if number else ""
    found = [*every(root, f"cac:ProcurementProjectLot/{_DOCUMENTS}"), *every(root, _DOCUMENTS), ted]
    found += every(root, "cac:ContractingParty/cbc:BuyerProfileURI")
    return next((url for one in found if (url := values.web_url(one))), "")


def _links(root: Element) -> Iterator[tuple[str, str, str]]:
    """Yield the further addresses: documents (BT-15) and where tenders are handed in (BT-18), each once."""
    found = [("documents", one) for one in every(root, f"cac:ProcurementProjectLot/{_DOCUMENTS}")]
    recipient = "cac:ProcurementProjectLot/cac:TenderingTerms/cac:TenderRecipientParty/cbc:EndpointID"
    found += [("submission", one) for one in every(root, recipient)]
    for rel, one in list(dict.fromkeys(found))[:10]:
        if url := values.web_url(one):
            yield rel, url, ""
