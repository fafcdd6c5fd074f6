"""Titles as people should read them: the provider's words without prefixes, addresses and marks of a single date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from feeds.waste.categories import category, is_waste

_PREFIX = re.compile(
    r"^(?:(?:abfuhr|abholung|leerung|müllabfuhr|abfalltermin|termin|erinnerung|entsorgung)\s*:\s*)+", re.IGNORECASE
)
_CALLED_OFF = re.compile(
    r"^\s*\W{0,3}(?:abgesagt|entfällt|fällt aus|ausfall)\b[\s:!–-]*"
    r"|[\s(:,–-]+(?:ist |wurde )?(?:abgesagt|entfällt|fällt aus)\s*[!)]*\s*$",
    re.IGNORECASE,
)
_MOVED = re.compile(
    r"\s*[(\[](?:vor|nach)?(?:verschoben|verlegt|geholt|ersatztermin|nachholtermin|feiertags\w*|vorgezogen|wegen)"
    r"[^)\]]{0,100}[)\]]|\s*[(\[](?:ersatztermin|nachholtermin|nachgeholt|vorgezogen|geändert)[)\]]",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"(?:straße|strasse|str\.?|allee|weg|platz|gasse|ring|damm|ufer|chaussee|steig|markt|hof|pfad|stieg)"
    r"(?: \d{1,4} ?[a-z]?)?$",
    re.IGNORECASE,
)
_LONGEST_STREET = 80


@dataclass(frozen=True, slots=True)
class Wording:
    """A cleaned ``title``, the ``address`` that stood in it, and whether it calls the date off or marks it."""

    title: str
    address: str = ""
    cancelled: bool = False
    marked: bool = False  # the original says more of this one date, for example that it was moved


@lru_cache(maxsize=1_024)
def clean(text: str, place: str = "") -> Wording:
    """Return what is collected out of an entry's ``text``; ``place`` is the calendar's own name."""
    title = re.sub(r"\s+", " ", text).strip()
    title = _PREFIX.sub("", title)
    called_off = _CALLED_OFF.search(title)
    if called_off:
        title = _CALLED_OFF.sub("", title)
    unmarked = _MOVED.sub("", title).strip()
    marked = unmarked != title
    title, address = _split_address(unmarked)
    head, _, tail = title.rpartition(" in ")
    if head and tail and tail.casefold() in place.casefold() and is_waste(head):
        title = head
    return Wording(title.strip(" -–,;:")[:200], address, bool(called_off), marked)


def _split_address(title: str) -> tuple[str, str]:
    """Part ``Lindenallee - Gelber Sack`` (MyMüll, either order) if one side is waste and the other a street."""
    for mark in (" - ", " – ", ", "):
        left, found, right = title.partition(mark)
        if not found:
            continue
        for waste, street in ((left, right), (right, left)):
            if category(waste) != "other" and _is_street(street.strip()):
                return waste.strip(), street.strip()
    return title, ""


def _is_street(text: str) -> bool:
    plain = len(text) <= _LONGEST_STREET and re.fullmatch(r"[\w .-]+", text)
    return bool(plain and _STREET.search(text)) and category(text) == "other"
