"""A search for tenders as an address says it, and as criteria. Pure.

Fields: ``words`` (any of them), ``without``, ``cpv`` (codes or beginnings), ``near`` (a town) with ``km``,
``least`` and ``most`` (whole amounts), ``procedure`` (kinds), ``days`` (least time to bid). Lists are joined by
commas, so that one search has one address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.core.notice import Position
from hub.core.place import distance_km
from hub.core.procedures import DIRECT, KINDS, NEGOTIATED, OPEN, OTHER, RESTRICTED
from hub.core.subscription import Criteria
from hub.web.choices import MOST_WORDS, words_of

RADII = (10, 25, 50, 100, 200)
DAYS = (7, 14, 21, 30)
FIELDS = ("words", "without", "cpv", "near", "km", "least", "most", "procedure", "days")
_CPV = re.compile(r"(\d{2,8})(?:-\d)?", re.ASCII)
_AMOUNT = re.compile(r"\d{1,12}", re.ASCII)
_NEARBY_KM = 0.2


def _(message: str) -> str:
    return message


PROCEDURES = {
    OPEN: _("Open"), RESTRICTED: _("Restricted"), NEGOTIATED: _("Negotiated"), DIRECT: _("Direct award"),
    OTHER: _("Other"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality that a search may lie around."""

    name: str
    centre: Position


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was read: ``query`` is its one clean form; ``faults`` are English, by field."""

    criteria: Criteria
    query: Mapping[str, str]
    values: Mapping[str, str]
    faults: Mapping[str, str]


Find = Callable[[str], Sequence[Town]]


def read(given: Mapping[str, Sequence[str]], path: str, find: Find) -> Search:
    """Read a search in the municipality at ``path``; ``find`` names towns. Every fault is named at once."""
    values = {name: ",".join(given.get(name, ())).replace("\0", "").strip() for name in FIELDS}
    faults: dict[str, str] = {}
    words, without = words_of("words", values, faults), words_of("without", values, faults)
    codes = _codes(values, faults)
    least, most = _amount("least", values, faults), _amount("most", values, faults)
    if least is not None and most is not None and least > most:
        faults["most"], most = _("The highest value is below the lowest."), None
    town, km = _near(values, find, faults)
    kinds = [one for one in KINDS if one in values["procedure"].split(",")]
    if set(filter(None, values["procedure"].split(","))) - set(KINDS):
        faults["procedure"] = _("Please choose among the procedures offered.")
    days = int(values["days"]) if values["days"] in map(str, DAYS) else None
    if values["days"] and days is None:
        faults["days"] = _("Please choose one of the times offered.")
    criteria = Criteria(
        topics=("tenders",), places=(path,), words=words, without=without, cpv=codes,
        centre=town.centre if town else None, radius_km=float(km) if town else None, least_value=least, most_value=most,
        procedures=tuple(kinds) if len(kinds) < len(KINDS) else (), days=days,
    )  # fmt: skip
    shown = {**values, "near": town.name if town else values["near"], "km": str(km), "procedure": ",".join(kinds)}
    return Search(criteria, query(criteria, town.name if town else ""), shown, faults)


def query(criteria: Criteria, near: str) -> dict[str, str]:
    """Return the clean address of a search; ``near`` is what its centre is called."""
    found = {
        "words": ",".join(criteria.words), "without": ",".join(criteria.without), "cpv": ",".join(criteria.cpv),
        "near": near, "km": f"{criteria.radius_km:.0f}" if near and criteria.radius_km else "",
        "least": _whole(criteria.least_value), "most": _whole(criteria.most_value),
        "procedure": ",".join(criteria.procedures), "days": str(criteria.days or ""),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def named(centre: Position, towns: Sequence[Town]) -> str:
    """Return what the stored centre of a search is called: the town whose middle it is; empty if there is none."""
    near = min(towns, key=lambda one: distance_km(one.centre, centre), default=None)
    return near.name if near is not None and distance_km(near.centre, centre) < _NEARBY_KM else ""


def _whole(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.0f}"


def _codes(values: Mapping[str, str], faults: dict[str, str]) -> tuple[str, ...]:
    parts = [one for one in re.split(r"[,;\s]+", values["cpv"]) if one]
    found = [_CPV.fullmatch(one) for one in parts]
    if len(parts) > MOST_WORDS or not all(found):
        faults["cpv"] = _("A CPV code has 2 to 8 digits, such as 45 or 45233130.")
        return ()
    codes = Criteria(cpv=tuple(one[1] for one in found if one)).canonical().get("cpv", [])
    # What a wider code holds already adds nothing.
    return tuple(one for one in codes if not any(one != other and one.startswith(other) for other in codes))


def _amount(name: str, values: Mapping[str, str], faults: dict[str, str]) -> float | None:
    text = re.sub(r"[\s.]|,00$|€$|EUR$", "", values[name])
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        faults[name] = _("Please write a whole amount, such as 50000.")
        return None
    return float(text)


def _near(values: Mapping[str, str], find: Find, faults: dict[str, str]) -> tuple[Town | None, int]:
    km = int(values["km"]) if values["km"] in map(str, RADII) else RADII[2]
    if values["km"] and values["km"] not in map(str, RADII):
        faults["km"] = _("Please choose one of the distances offered.")
    if not values["near"]:
        return None, km
    found = find(values["near"])
    if not found:
        faults["near"] = _("We know no town of this name.")
        return None, km
    return found[0], km
