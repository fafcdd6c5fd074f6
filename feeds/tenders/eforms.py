"""eForms notices (UBL 2.3 XML of the eForms SDK 0.1 and 1.x, and their German form below the threshold).

Business terms (BT-…) as in Implementing Regulation (EU) 2019/1780; element paths as in the SDK's fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from feeds.tenders import values
from feeds.tenders.eforms_parties import Organisations
from feeds.tenders.tender import Lot, Tender, next_deadline
from feeds.tenders.xml_tree import local_name
from hub.core.errors import SourceRefused

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
    "efext": "http://data.europa.eu/p27/eforms-ubl-extensions/1",
}
ROOTS = {"ContractNotice", "PriorInformationNotice", "ContractAwardNotice"}
_EXTENSION = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"
# In the order in which they bind a bidder (BT-131, BT-1311, BT-630, E1's answers to a consultation).
_PERIODS = (
    "cac:TenderingProcess/cac:TenderSubmissionDeadlinePeriod",
    "cac:TenderingProcess/cac:ParticipationRequestReceptionPeriod",
    f"cac:TenderingProcess/{_EXTENSION}/efac:InterestExpressionReceptionPeriod",
    f"cac:TenderingProcess/{_EXTENSION}/efac:AnswerReceptionPeriod",
)
_DOCUMENTS = "cac:TenderingTerms/cac:CallForTendersDocumentReference/cac:Attachment/cac:ExternalReference/cbc:URI"
_CANCEL = "cancel"  # BT-140, code list change-corrig-justification
_MOST_LOTS = 500

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it


def read(root: Element, now: datetime, zone: str) -> Tender:
    """Return the notice in ``root``. Raises ``SourceRefused`` if it lacks what makes it a notice.

    ``now`` tells open lots from closed ones; ``zone`` is meant where a time has no offset.
    """
    if local_name(root) not in ROOTS:
        raise SourceRefused(f"The document <{local_name(root)[:60]}> is no eForms notice of a procurement.")
    notice = text(root, "cbc:ID")
    if not notice:
        raise SourceRefused("The notice has no notice identifier.")
    lang = values.language(text(root, "cbc:NoticeLanguageCode"))
    changed = _changed(root)
    award = local_name(root) == "ContractAwardNotice"
    lots = tuple(_lots(root, lang, "" if award else zone))
    places, buyer = _places_and_buyer(root, lang)
    amount, currency = _value(root)
    return Tender(
        key=text(root, "cbc:ContractFolderID") or (changed[0] if changed else notice),
        notice=notice,
        version=text(root, "cbc:VersionID"),
        lang=lang,
        titles=_titles(root, lang, lots),
        descriptions=texts(root, "cac:ProcurementProject/cbc:Description", lang),
        remarks=_remarks(root, lang),
        category="award" if award else text(root, f"{_EXTENSION}/efac:NoticeSubType/cbc:SubTypeCode"),
        lots=lots,
        deadline=next_deadline(lots, now),
        published=_published(root, zone),
        buyer=buyer,
        cpv=values.cpv_codes(_all(root, ".//cbc:ItemClassificationCode[@listName='cpv']")),
        places=places,
        amount=amount,
        currency=currency,
        url=_url(root),
        links=tuple(_links(root)),
        references=changed,
        cancelled=_CANCEL in _all(root, f"{_EXTENSION}/efac:Changes/efac:ChangeReason/cbc:ReasonCode"),
    )


def text(element: Element, path: str) -> str:
    """Return the text of the first element at ``path``, stripped, or ""."""
    found = _find(element, path)
    return (found[0].text or "").strip()[:2000] if found else ""


def texts(element: Element, path: str, lang: str, limit: int = values.LONGEST_TEXT) -> dict[str, str]:
    """Return the texts at ``path`` by language, that of the notice first."""
    found: dict[str, str] = {}
    for one in _find(element, path):
        tag = values.language(one.get("languageID", ""), lang)
        plain = (values.one_line if limit == values.LONGEST_TITLE else values.clean)(one.text or "", limit)
        if plain:
            found.setdefault(tag, plain)
    return {tag: found[tag] for tag in sorted(found, key=lambda tag: tag != lang)}


def _titles(root: Element, lang: str, lots: tuple[Lot, ...]) -> dict[str, str]:
    """Return the titles by language (BT-21), those of the first lot if the whole has none; refuse a nameless notice."""
    titles = texts(root, "cac:ProcurementProject/cbc:Name", lang, values.LONGEST_TITLE)
    titles = titles or next((dict(lot.titles) for lot in lots if lot.titles), {})
    if not titles:
        raise SourceRefused("The notice has no title.")
    return titles


def _find(element: Element, path: str) -> list[Element]:
    """Return the elements at ``path``."""
    return element.findall(path, NS)


def _all(element: Element, path: str) -> list[str]:
    """Return the texts of all elements at ``path``."""
    return [(one.text or "").strip() for one in _find(element, path)]


def _changed(root: Element) -> tuple[str, ...]:
    """Return the ids (without version) of the notices that this one changes (BT-758)."""
    found = _all(root, f"{_EXTENSION}/efac:Changes/efbc:ChangedNoticeIdentifier")
    # "c4c415ee-…-57568cf69462-01": the UUID has five parts, the version is the sixth.
    return tuple("-".join(one.split("-")[:5])[:100] for one in found if one)


def _remarks(root: Element, lang: str) -> dict[str, str]:
    """Return what a corrigendum says it changes and why (BT-141, BT-762), by language."""
    found: dict[str, list[str]] = {}
    for path in ("efac:Change/efbc:ChangeDescription", "efac:ChangeReason/efbc:ReasonDescription"):
        for one in _find(root, f"{_EXTENSION}/efac:Changes/{path}"):
            plain = values.clean(one.text or "", 2000)
            if plain:
                found.setdefault(values.language(one.get("languageID", ""), lang), []).append(plain)
    return {tag: "\n".join(lines) for tag, lines in found.items()}


def _lots(root: Element, lang: str, zone: str) -> Iterator[Lot]:
    """Yield the lots (BT-137), or the parts of a planning notice; groups of lots are none.

    Without a ``zone`` they have no deadline (an award).
    """
    for one in root.findall("cac:ProcurementProjectLot", NS)[:_MOST_LOTS]:
        number = one.find("cbc:ID", NS)
        if number is None or number.get("schemeName") == "LotsGroup":
            continue
        yield Lot(
            id=values.one_line(number.text or "", 40),
            titles=texts(one, "cac:ProcurementProject/cbc:Name", lang, values.LONGEST_TITLE),
            descriptions=texts(one, "cac:ProcurementProject/cbc:Description", lang),
            deadline=_deadline(one, zone) if zone else "",
        )


def _deadline(lot: Element, zone: str) -> str:
    """Return when tenders, requests or answers for ``lot`` must have come in."""
    found = (
        values.moment(text(lot, f"{period}/cbc:EndDate"), text(lot, f"{period}/cbc:EndTime"), zone)
        for period in _PERIODS
    )
    return next((one for one in found if one), "")


def _published(root: Element, zone: str) -> str:
    """Return when the notice was published in the Official Journal, else when it was sent (BT-05)."""
    day = text(root, f"{_EXTENSION}/efac:Publication/efbc:PublicationDate")
    if day:
        return values.moment(day, "00:00:00", zone)
    return values.moment(text(root, "cbc:IssueDate"), text(root, "cbc:IssueTime") or "00:00:00", zone)


def _places_and_buyer(root: Element, lang: str) -> tuple[tuple[tuple[str, str, str], ...], str]:
    """Return where the contract is performed (BT-5071, else the buyer's seat), and the buyers' names (BT-500)."""
    organisations = Organisations(root, NS, _EXTENSION)
    buyers = _all(root, "cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID")
    performed = [
        place
        for address in root.findall(".//cac:ProcurementProject/cac:RealizedLocation/cac:Address", NS)
        for place in organisations.address(address)
    ]
    places = performed or organisations.seats(buyers)
    return values.unique_places([*places, *organisations.leitweg(buyers)]), organisations.names(buyers, lang)


def _value(root: Element) -> tuple[float | None, str]:
    """Return the estimated value (BT-27) or the awarded one (BT-161), else the sum over the lots, with its currency."""
    amount = "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"
    for path in (f"{_EXTENSION}/efac:NoticeResult/cbc:TotalAmount", f"cac:ProcurementProject/{amount}"):
        for one in root.findall(path, NS):
            if number := values.amount(one.text or ""):
                return number, one.get("currencyID", "EUR")[:3]
    by_lot = {}
    path = f"cac:ProcurementProjectLot/cac:ProcurementProject/{amount}"
    for count, one in enumerate(root.findall(path, NS)[:_MOST_LOTS]):
        if number := values.amount(one.text or ""):
            by_lot[str(count)] = (number, one.get("currencyID", "EUR")[:3])
    return values.total(by_lot)


def _url(root: Element) -> str:
    """Return where the procurement documents are (BT-15), else the notice's page at TED, else the buyer's profile."""
    number = text(root, f"{_EXTENSION}/efac:Publication/efbc:NoticePublicationID").lstrip("0")
    ted = f"https://ted.europa.eu/de/notice/-/detail/{number}" if number[:1].isdigit() else ""
    found = [*_all(root, f"cac:ProcurementProjectLot/{_DOCUMENTS}"), *_all(root, _DOCUMENTS), ted]
    found += _all(root, "cac:ContractingParty/cbc:BuyerProfileURI")
    return next((url for one in found if (url := values.web_url(one))), "")


def _links(root: Element) -> Iterator[tuple[str, str, str]]:
    """Yield the further addresses: documents (BT-15) and where tenders are handed in (BT-18), each once."""
    found = [("documents", one) for one in _all(root, f"cac:ProcurementProjectLot/{_DOCUMENTS}")]
    recipient = "cac:ProcurementProjectLot/cac:TenderingTerms/cac:TenderRecipientParty/cbc:EndpointID"
    found += [("submission", one) for one in _all(root, recipient)]
    for rel, one in list(dict.fromkeys(found))[:10]:
        if url := values.web_url(one):
            yield rel, url, ""
