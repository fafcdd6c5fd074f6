"""Our own few words in a tender's text, in German and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Labels of one language."""

    changed: str
    lot: str
    more_lots: str
    awarded: str
    modified: str
    no_award: str
    planned: str
    winner: str


_WORDS = {
    "de": Words(
        "Geändert", "Los", "weitere Lose", "Auftrag vergeben", "Auftrag geändert", "Das Verfahren endet ohne Zuschlag",
        "Vorinformation: Angebote sind noch nicht möglich", "Zuschlag an",
    ),
    "en": Words(
        "Changed", "Lot", "more lots", "Contract awarded", "Contract changed", "The procedure ends without an award",
        "Prior information: no tenders can be submitted yet", "Awarded to",
    ),
}  # fmt: skip


def words(lang: str) -> Words:
    """Return our words in ``lang``; English where we have no translation."""
    return _WORDS.get(lang.partition("-")[0], _WORDS["en"])
