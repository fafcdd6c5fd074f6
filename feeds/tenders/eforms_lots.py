"""The lots of an eForms notice (BT-137): deadline, value, place, CPV codes and terms of each."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.tenders import places, values
from feeds.tenders.eforms_parties import Organisations
from feeds.tenders.eforms_paths import EXTENSION, Element, elements, every, money, text, texts
from feeds.tenders.tender import Lot

MOST_LOTS = 500
PROJECT = "cac:ProcurementProject"
ESTIMATED = "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"  # BT-27
MAXIMUM = f"cac:RequestedTenderTotal/{EXTENSION}/efbc:FrameworkMaximumAmount"  # BT-271
# In the order in which they bind a bidder (BT-131, BT-1311, BT-630, E1's answers to a consultation).
_PERIODS = (
    "cac:TenderingProcess/cac:TenderSubmissionDeadlinePeriod",
    "cac:TenderingProcess/cac:ParticipationRequestReceptionPeriod",
    f"cac:TenderingProcess/{EXTENSION}/efac:InterestExpressionReceptionPeriod",
    f"cac:TenderingProcess/{EXTENSION}/efac:AnswerReceptionPeriod",
)
_QUESTIONS = "cac:TenderingProcess/cac:AdditionalInformationRequestPeriod"  # BT-13
_OPENING = "cac:TenderingProcess/cac:OpenTenderEvent"  # BT-132
_PLANNED = f"{PROJECT}/cac:PlannedPeriod"


def lots(root: Element, lang: str, zone: str, organisations: Organisations, *, past: bool) -> Iterator[Lot]:
    """Yield the lots, or the parts of a planning notice; groups of lots are none. A ``past`` one has no deadlines."""
    for one in elements(root, "cac:ProcurementProjectLot")[:MOST_LOTS]:
        number = next(iter(elements(one, "cbc:ID")), None)
        if number is None or number.get("schemeName") == "LotsGroup":
            continue
        amount, currency = money(one, f"{PROJECT}/{ESTIMATED}", f"{PROJECT}/{MAXIMUM}") or (None, "")
        addresses = elements(one, f"{PROJECT}/cac:RealizedLocation/cac:Address")
        yield Lot(
            id=values.one_line(number.text or "", 40),
            titles=texts(one, f"{PROJECT}/cbc:Name", lang, values.LONGEST_TITLE),
            descriptions=texts(one, f"{PROJECT}/cbc:Description", lang),
            deadline="" if past else _deadline(one, zone),
            amount=amount,
            currency=currency,
            place=places.shown(place for address in addresses for place in organisations.address(address)),
            cpv=values.cpv_codes(every(one, f"{PROJECT}//cbc:ItemClassificationCode[@listName='cpv']")),
            facts=tuple((name, value) for name, value in _terms(one, zone) if value and not past),
        )


def _deadline(lot: Element, zone: str) -> str:
    """Return when tenders, requests or answers for ``lot`` must have come in."""
    found = (_moment(lot, period, zone, "End") for period in _PERIODS)
    return next((one for one in found if one), "")


def _moment(lot: Element, path: str, zone: str, part: str) -> str:
    return values.moment(text(lot, f"{path}/cbc:{part}Date"), text(lot, f"{path}/cbc:{part}Time"), zone)


def _terms(lot: Element, zone: str) -> Iterator[tuple[str, str]]:
    """Yield what else a bidder must know: questions, opening, work, language of tenders."""
    yield "questions", _moment(lot, _QUESTIONS, zone, "End")
    yield "opening", _moment(lot, _OPENING, zone, "Occurrence")
    yield "start", values.day(text(lot, f"{_PLANNED}/cbc:StartDate"))
    yield "end", values.day(text(lot, f"{_PLANNED}/cbc:EndDate"))
    for one in elements(lot, f"{_PLANNED}/cbc:DurationMeasure")[:1]:
        yield "duration", values.duration(one.text or "", one.get("unitCode", ""))
    tongues = dict.fromkeys(values.language(one, "") for one in every(lot, "cac:TenderingTerms/cac:Language/cbc:ID"))
    yield "language", ", ".join(filter(None, tongues))
